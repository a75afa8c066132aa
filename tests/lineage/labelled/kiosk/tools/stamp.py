import datetime
import sys

print(sys.argv[1], datetime.date.today())
