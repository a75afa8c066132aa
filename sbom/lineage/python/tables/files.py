"""The file system, archives, and serialisation by file name."""

ROWS = """
builtins.open: open 0 file 1
io.open: open 0 file 1
codecs.open: open 0 filename 1
gzip.open: open 0 filename 1
gzip.GzipFile: open 0 filename 1
bz2.open: open 0 filename 1
bz2.BZ2File: open 0 filename 1
lzma.open: open 0 filename 1
lzma.LZMAFile: open 0 filename 1
zstandard.open: open 0 filename 1
lz4.frame.open: open 0 filename 1
smart_open.open: open 0 uri 1
smart_open.smart_open: open 0 uri 1
fsspec.open: open 0 urlpath 1
aiofiles.open: open 0 file 1
xopen.xopen: open 0 filename 1
os.open: none
shelve.open: open 0 filename 1
dbm.open: open 0 file 1
zipfile.ZipFile: open 0 file 1
tarfile.open: open 0 name 1
tarfile.TarFile: open 0 name 1
py7zr.SevenZipFile: open 0 file 1
rarfile.RarFile: open 0 file 1
zipfile,tarfile,py7zr,rarfile.extractall: write/ 0 path
?.extractall: write/ 0 path
zipfile,tarfile.extract: write/ 1 path
zipfile,tarfile.write: read~ 0 filename
zipfile,tarfile.add: read~ 0 name
patoolib.extract_archive: read 0 archive; write/ - outdir
pyunpack.extractall: write/ 0 directory
shutil.copy: read 0 src; write 1 dst
shutil.copy2: read 0 src; write 1 dst
shutil.copyfile: read 0 src; write 1 dst
shutil.copytree: read/ 0 src; write/ 1 dst
shutil.move: move 0 src; write 1 dst
shutil.rmtree: remove 0 path
shutil.unpack_archive: read 0 filename; write/ 1 extract_dir
os.rename: move 0 src; write 1 dst
os.renames: move 0 old; write 1 new
os.replace: move 0 src; write 1 dst
os.link: read 0 src; write 1 dst
os.symlink: write 1 dst
os.remove: remove 0 path
os.unlink: remove 0 path
os.rmdir: remove 0 path
os.removedirs: remove 0 name
os.truncate: none
os.mkdir: make/ 0 path
os.makedirs: make/ 0 name
distutils.dir_util.copy_tree: read/ 0 src; write/ 1 dst
distutils.dir_util.mkpath: make/ 0 name
fileinput.input: read 0 files
linecache.getlines: read 0 filename
mmap.mmap: none
pickle5.open: open 0 file 1
ujson.load: none
logging.FileHandler: none
logging.basicConfig: none
logging.handlers.RotatingFileHandler: none
logging.handlers.TimedRotatingFileHandler: none
logging.config.fileConfig: none
split_folders.ratio: read/ 0 input; write/ 1 output
splitfolders.ratio: read/ 0 input; write/ 1 output
splitfolders.fixed: read/ 0 input; write/ 1 output
csv.reader: none
csv.writer: none
"""
