"""Pictures, plots, sound and film."""

ROWS = """
PIL.Image.open: read 0 fp
PIL.save: write 0 fp
PIL.ImageFont.truetype: none
cv2.imread: read 0 filename
cv2.imwrite: write 0 filename
cv2.VideoCapture: read~ 0 filename
cv2.VideoWriter: write 0 filename
cv2.FileStorage: open 0 filename 1
imageio.imread: read 0 uri im
imageio.imwrite: write 0 uri
imageio.imsave: write 0 uri
imageio.mimsave: write 0 uri
imageio.mimwrite: write 0 uri
imageio.get_reader: read 0 uri
imageio.get_writer: write 0 uri
imageio.v2.imread: read 0 uri
imageio.v2.imwrite: write 0 uri
imageio.v3.imread: read 0 uri
imageio.v3.imwrite: write 0 uri
skimage.io.imread: read 0 fname
skimage.io.imsave: write 0 fname
skimage.io.imread_collection: read 0 load_pattern
tifffile.imread: read 0 files
tifffile.imwrite: write 0 file
tifffile.imsave: write 0 file
matplotlib.image.imread: read 0 fname
matplotlib.pyplot.imread: read 0 fname
matplotlib.pyplot.imsave: write 0 fname
matplotlib.image.imsave: write 0 fname
matplotlib.style.use: none
*.savefig: write 0 fname
*.write_image: write~ 0 file
*.write_html: write~ 0 file
plotly.io.write_image: write 1 file
plotly.io.write_html: write 1 file
plotly.io.write_json: write 1 file
plotly.offline.plot: write - filename
bokeh.plotting.output_file: write 0 filename
bokeh.io.output_file: write 0 filename
altair.save: write 0 fp
plotnine.save: write 0 filename
folium.save: write 0 outfile
graphviz.render: write 0 filename
wordcloud.to_file: write 0 filename
sns.savefig: write 0 fname
soundfile.read: read 0 file
soundfile.write: write 0 file
soundfile.SoundFile: open 0 file 1
librosa.load: read 0 path
librosa.output.write_wav: write 0 path
torchaudio.load: read 0 uri filepath
torchaudio.info: read 0 uri filepath
torchaudio.save: write 0 uri filepath
pydub.AudioSegment.from_file: read 0 file
pydub.AudioSegment.from_wav: read 0 file
pydub.AudioSegment.from_mp3: read 0 file
pydub.export: write 0 out_f
wave.open: open 0 f 1
moviepy.editor.VideoFileClip: read 0 filename
*.write_videofile: write 0 filename
fitz.open: read~ 0 filename
PyPDF2.PdfReader: read 0 stream
PyPDF2.PdfFileReader: read 0 stream
pypdf.PdfReader: read 0 stream
pdfplumber.open: read 0 path_or_fp
docx.Document: read 0 docx
pptx.Presentation: read 0 pptx
docx.save: write 0 path_or_stream
langchain_community.document_loaders.PyPDFLoader: read 0 file_path
langchain_community.document_loaders.TextLoader: read 0 file_path
langchain_community.document_loaders.CSVLoader: read 0 file_path
langchain_community.document_loaders.DirectoryLoader: read/ 0 path
langchain.document_loaders.DirectoryLoader: read/ 0 path
langchain.document_loaders.TextLoader: read 0 file_path
*.save_local: write/ 0 folder_path
*.load_local: read/ 0 folder_path
"""
