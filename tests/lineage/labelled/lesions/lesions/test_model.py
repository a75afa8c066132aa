import json

import numpy as np
import torch
from torchvision.models import resnet18

from lesions.dataset import Lesions
from lesions.settings import Settings

settings = Settings.load("config.yaml")
model = resnet18(num_classes=2)
model.load_state_dict(torch.load(settings.models / "resnet.pt", map_location="cpu"))
model.eval()
data = Lesions(table=settings.splits / "test.csv", images=settings.resized)
with torch.no_grad():
    scores = np.stack([model(image[None])[0].numpy() for image, _ in data])
settings.reports.mkdir(exist_ok=True)
np.save(settings.reports / "predictions.npy", scores)
right = sum(int(score.argmax() == target) for score, (_, target) in zip(scores, data))
with open(settings.reports / "metrics.json", "w") as out:
    json.dump({"accuracy": right / len(data)}, out)
