from pathlib import Path

import pandas as pd
import torch
from PIL import Image
from torch.utils.data import Dataset
from torchvision.transforms.functional import to_tensor


class Lesions(Dataset):
    def __init__(self, table, images):
        self.table = pd.read_csv(table)
        self.images = Path(images)

    def __len__(self):
        return len(self.table)

    def __getitem__(self, index):
        row = self.table.iloc[index]
        image = Image.open(self.images / f"{row.image}.png")
        return to_tensor(image), torch.tensor(row.malignant)
