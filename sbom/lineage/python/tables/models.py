"""Models and the datasets of their libraries: scikit-learn, PyTorch, TensorFlow, Hugging Face, boosting, language."""

ROWS = """
joblib.load: read 0 filename
joblib.dump: write 1 filename
sklearn.externals.joblib.load: read 0 filename
sklearn.externals.joblib.dump: write 1 filename
skops.io.load: read 0 file
skops.io.dump: write 1 file
sklearn.datasets.load_files: read/ 0 container_path
sklearn.datasets.load_svmlight_file: read 0 f
sklearn.datasets.load_svmlight_files: read 0 files
sklearn.datasets.dump_svmlight_file: write 2 f
compress_pickle.load: read 0 path
compress_pickle.dump: write 1 path
torch.load: read 0 f
torch.save: write 1 f
torch.jit.load: read 0 f
torch.jit.save: write 1 f
torch.onnx.export: write 2 f
torch.package.PackageExporter: write 0 f
torch.utils.tensorboard.SummaryWriter: none
torchvision.datasets.ImageFolder: read/ 0 root
torchvision.datasets.DatasetFolder: read/ 0 root
torchvision.io.read_image: read 0 path
torchvision.io.read_video: read 0 filename
torchvision.utils.save_image: write 1 fp
torchtext.utils.download_from_url: read 0 url; write 1 path
safetensors.torch.save_file: write 1 filename
safetensors.torch.load_file: read 0 filename
safetensors.safe_open: read 0 filename
safetensors.numpy.save_file: write 1 filename
safetensors.numpy.load_file: read 0 filename
onnx.load: read 0 f
onnx.save: write 1 f
onnx.save_model: write 1 f
onnxruntime.InferenceSession: read 0 path_or_bytes
onnxmltools.utils.save_model: write 1 f
coremltools.models.MLModel: read~ 0 model
*.save_checkpoint: write 0 filepath
*.load_from_checkpoint: read~ 0 checkpoint_path
keras.models.load_model: read 0 filepath
keras.saving.load_model: read 0 filepath
keras.models.save_model: write 1 filepath
keras.saving.save_model: write 1 filepath
keras.utils.image_dataset_from_directory: read/ 0 directory
keras.preprocessing.image_dataset_from_directory: read/ 0 directory
keras.utils.text_dataset_from_directory: read/ 0 directory
keras.preprocessing.text_dataset_from_directory: read/ 0 directory
keras.utils.audio_dataset_from_directory: read/ 0 directory
keras.utils.load_img: read 0 path
keras.utils.save_img: write 0 path
keras.utils.img_to_array: none
keras.utils.plot_model: write 1 to_file
keras.preprocessing.image.load_img: read 0 path
keras.preprocessing.image.save_img: write 0 path
keras.utils.get_file: read 1 origin
keras.callbacks.ModelCheckpoint: write 0 filepath
keras.callbacks.CSVLogger: write 0 filename
keras.callbacks.BackupAndRestore: none
*.flow_from_directory: read/ 0 directory
*.flow_from_dataframe: read/ 1 directory
*.load_weights: read~ 0 filepath
*.save_weights: write~ 0 filepath
tensorflow.saved_model.save: write/ 1 export_dir
tensorflow.saved_model.load: read/ 0 export_dir
tensorflow.keras.models.load_model: read 0 filepath
tensorflow.io.read_file: read 0 filename
tensorflow.io.write_file: write 0 filename
tensorflow.io.TFRecordWriter: write 0 path
tensorflow.io.gfile.GFile: open 0 name 1
tensorflow.io.gfile.glob: read/ 0 pattern
tensorflow.data.TFRecordDataset: read 0 filenames
tensorflow.data.TextLineDataset: read 0 filenames
tensorflow.data.Dataset.load: read/ 0 path
tensorflow.data.Dataset.list_files: read 0 file_pattern
tensorflow.data.experimental.make_csv_dataset: read 0 file_pattern
tensorflow.data.experimental.CsvDataset: read 0 filenames
tensorflow.data.experimental.load: read/ 0 path
tensorflow.data.experimental.save: write/ 1 path
tensorflow.summary.create_file_writer: none
tensorflow_datasets.load: none
*.export_saved_model: write/ 0 export_dir_base
keras,tensorflow.export: write 0 filepath
keras,tensorflow.save: write~ 0 filepath path
tensorflowjs.converters.save_keras_model: write/ 1 artifacts_dir
*.save_model: write~ 0 fname filename path output_dir filepath
*.load_model: read~ 0 fname filename path model_file filepath
xgboost.DMatrix: read~ 0 data
lightgbm.Dataset: read~ 0 data
lightgbm.Booster: read - model_file
xgboost.Booster: read - model_file
*.save_binary: write 0 filename
catboost.Pool: read~ 0 data
*.save_pretrained: write/ 0 save_directory
*.push_to_hub: none
*.from_pretrained: hub 0 pretrained_model_name_or_path
*.save_to_disk: write/ 0 dataset_path dataset_dict_path
datasets.load_from_disk: read/ 0 dataset_path
*.load_from_disk: read/ 0 dataset_path
datasets.Dataset.from_csv: read 0 path_or_paths
datasets.Dataset.from_json: read 0 path_or_paths
datasets.Dataset.from_parquet: read 0 path_or_paths
datasets.Dataset.from_text: read 0 path_or_paths
datasets.DatasetDict.from_csv: read 0 path_or_paths
datasets.DatasetDict.from_json: read 0 path_or_paths
transformers.TrainingArguments: write/ 0 output_dir
transformers.Seq2SeqTrainingArguments: write/ 0 output_dir
transformers.pipeline: hub 1 model
huggingface_hub.snapshot_download: hub 0 repo_id; write/ - local_dir
sentence_transformers.SentenceTransformer: hub 0 model_name_or_path
sentence_transformers.CrossEncoder: hub 0 model_name
setfit,sentence_transformers.save: write/ 0 path
spacy.load: read~ 0 name
*.to_disk: write 0 path
*.from_disk: read 0 path
spacy.training.Corpus: read 0 path
spacy.tokens.DocBin.to_disk: write 0 path
spacy.util.load_config: none
gensim.models.KeyedVectors.load_word2vec_format: read 0 fname
*.load_word2vec_format: read 0 fname
*.save_word2vec_format: write 0 fname
gensim.load: read 0 fname
gensim.save: write 0 fname_or_handle fname
gensim.models.word2vec.LineSentence: read 0 source
gensim.corpora.MmCorpus: read 0 fname
gensim.corpora.MmCorpus.serialize: write 0 fname
fasttext.train_supervised: read 0 input
fasttext.train_unsupervised: read 0 input
fasttext.load_model: read 0 path
sentencepiece.SentencePieceProcessor: read - model_file
tokenizers.Tokenizer.from_file: read 0 path
tokenizers.train: read~ 0 files
tokenizers.save: write 0 path
ultralytics.YOLO: read~ 0 model
mlflow.log_artifact: read 0 local_path
mlflow.log_artifacts: read/ 0 local_dir
mlflow.sklearn.save_model: write/ 1 path
mlflow.pyfunc.save_model: write/ 0 path
mlflow.pytorch.save_model: write/ 1 path
mlflow.keras.save_model: write/ 1 path
mlflow.tensorflow.save_model: write/ - path
mlflow.xgboost.save_model: write/ 1 path
mlflow.lightgbm.save_model: write/ 1 path
mlflow.catboost.save_model: write/ 1 path
mlflow.load_model: none
mlflow.sklearn.load_model: read/~ 0 model_uri
mlflow.pyfunc.load_model: read/~ 0 model_uri
mlflow.log_figure: none
mlflow.log_dict: none
mlflow.log_model: none
wandb.save: none
wandb.add_file: read 0 local_path
wandb.add_dir: read/ 0 local_path
pycaret.classification.save_model: write.pkl 1 model_name
pycaret.regression.save_model: write.pkl 1 model_name
pycaret.classification.load_model: read.pkl 0 model_name
pycaret.regression.load_model: read.pkl 0 model_name
stable_baselines3.save: write.zip 0 path
surprise.dump.dump: write 0 file_name
surprise.dump.load: read 0 file_name
surprise.Dataset.load_from_file: read 0 file_path
implicit.save: write 0 file
lightfm.save: write 0 path
evidently.save: write~ 0 filename
*.save_html: write 0 filename file path
*.save_json: write 0 filename
*.save_as_html: write 0 filename
pandas_profiling.to_file: write 0 output_file
ydata_profiling.to_file: write 0 output_file
shap.save_html: write 0 out_file
optuna.create_study: url - storage
statsmodels.load: read~ 0 fname
statsmodels.load_pickle: read 0 fname
h2o.import_file: read 0 path
h2o.export_file: write 1 path
h2o.save_model: write/ 1 path
fastai.export: write~ 0 fname
fastai.learner.load_learner: read 0 fname
fastai.vision.all.load_learner: read 0 fname
autogluon.tabular.TabularPredictor.load: read/ 0 path
autogluon.tabular.TabularPredictor: write/ - path
autogluon.tabular.TabularDataset: read 0 data
prophet.serialize.model_to_json: none
tflite.load: read 0 path
flair.load: read~ 0 model
nemo.restore_from: read 0 restore_path
nemo.save_to: write 0 save_path
"""
