"""Arrays: NumPy, SciPy, HDF5, NetCDF, Zarr, medical images."""

ROWS = """
numpy.load: read 0 file
numpy.loadtxt: read 0 fname
numpy.genfromtxt: read 0 fname
numpy.fromfile: read 0 file
numpy.recfromcsv: read 0 fname
numpy.save: write.npy 0 file
numpy.savez: write.npz 0 file
numpy.savez_compressed: write.npz 0 file
numpy.savetxt: write 0 fname
*.tofile: write 0 fid
numpy.memmap: open 0 filename 2
numpy.lib.format.open_memmap: open 0 filename 1
jax.numpy.load: read 0 file
jax.numpy.save: write.npy 0 file
cupy.load: read 0 file
cupy.save: write.npy 0 file
scipy.io.loadmat: read 0 file_name
scipy.io.savemat: write 0 file_name
scipy.io.mmread: read 0 source
scipy.io.mmwrite: write 0 target
scipy.io.wavfile.read: read 0 filename
scipy.io.wavfile.write: write 0 filename
scipy.io.arff.loadarff: read 0 f
scipy.sparse.load_npz: read 0 file
scipy.sparse.save_npz: write.npz 0 file
h5py.File: open 0 name 1
tables.open_file: open 0 filename 1
netCDF4.Dataset: open 0 filename 1
xarray.open_dataset: read 0 filename_or_obj
xarray.open_dataarray: read 0 filename_or_obj
xarray.load_dataset: read 0 filename_or_obj
xarray.load_dataarray: read 0 filename_or_obj
xarray.open_mfdataset: read 0 paths
xarray.open_zarr: read/ 0 store
*.to_netcdf: write 0 path
*.to_zarr: write/ 0 store
zarr.open: open 0 store 1
zarr.open_group: open 0 store 1
zarr.open_array: open 0 store 1
zarr.save: write 0 store
zarr.load: read 0 store
nibabel.load: read 0 filename
nibabel.save: write 1 filename
pydicom.dcmread: read 0 fp
SimpleITK.ReadImage: read 0 fileName
SimpleITK.WriteImage: write 1 fileName
mne.io.read_raw_fif: read 0 fname
mne.io.read_raw_edf: read 0 input_fname
mne.read_epochs: read 0 fname
meshio.read: read 0 filename
meshio.write: write 0 filename
open3d.io.read_point_cloud: read 0 filename
open3d.io.write_point_cloud: write 0 filename
uproot.open: read 0 path
astropy.io.fits.open: read 0 name
astropy.table.Table.read: read 0 input
hdf5storage.loadmat: read 0 file_name
faiss.read_index: read 0 fname
faiss.write_index: write 1 fname
"""
