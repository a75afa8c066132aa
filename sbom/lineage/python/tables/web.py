"""Downloads and stores in the cloud: an address is read, a file is written."""

ROWS = """
requests.get: read 0 url
requests.post: none
requests.request: read~ 1 url
requests.Session().get: read~ 0 url
requests.sessions.Session().get: read~ 0 url
httpx.get: read 0 url
httpx.stream: read 1 url
httpx.Client().get: read~ 0 url
aiohttp.ClientSession().get: read~ 0 url
urllib.request.urlopen: read~ 0 url
urllib.request.Request: read 0 url
urllib.request.urlretrieve: read 0 url; write 1 filename
urllib.urlretrieve: read 0 url; write 1 filename
urllib3.PoolManager().request: read~ 1 url
six.moves.urllib.request.urlretrieve: read 0 url; write 1 filename
wget.download: read 0 url; write 1 out
gdown.download: read 0 url; write 1 output
gdown.download_folder: read 0 url; write/ 1 output
gdown.cached_download: read 0 url; write 1 path
pooch.retrieve: read 0 url
torch.hub.download_url_to_file: read 0 url; write 1 dst
torchvision.datasets.utils.download_url: read 0 url
torchvision.datasets.utils.download_and_extract_archive: read 0 url; write/ 1 download_root
opendatasets.download: read 0 dataset_id_or_url; write/ 1 data_dir
kaggle.api.dataset_download_files: write/ - path
kaggle.api.competition_download_files: write/ - path
kaggle.dataset_download_files: write/ - path
kaggle.competition_download_files: write/ - path
boto3.download_file: write 2 Filename
boto3.upload_file: read 0 Filename
boto3.download_fileobj: none
?.download_file: write~ 2 Filename
?.upload_file: read~ 0 Filename
*.download_to_filename: write 0 filename
*.upload_from_filename: read 0 filename
huggingface_hub.hf_hub_download: hubdata 0 repo_id; write/ - local_dir
minio.fget_object: write 2 file_path
minio.fput_object: read 2 file_path
s3fs.get: write 1 lpath
s3fs.put: read 0 lpath
roboflow.download: write/ - location
git.Repo.clone_from: read 0 url; write/ 1 to_path
"""
