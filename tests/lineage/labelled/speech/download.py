import sys
import urllib.request

language = sys.argv[1]
url = f"https://speech.example.org/clips/{language}.tar.gz"
urllib.request.urlretrieve(url, f"audio/{language}.tar.gz")
