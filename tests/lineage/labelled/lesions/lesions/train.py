import argparse
import json

import torch
from torch.utils.data import DataLoader
from torchvision.models import resnet18

from lesions.dataset import Lesions
from lesions.settings import Settings


def one_epoch(model, loader, optimizer):
    total = 0.0
    for images, targets in loader:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images), targets)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=5)
    args = parser.parse_args()
    settings = Settings.load()
    loaders = {
        part: DataLoader(Lesions(settings.splits / f"{part}.csv", settings.resized), batch_size=32)
        for part in ("train", "valid")
    }
    model = resnet18(num_classes=2)
    optimizer = torch.optim.Adam(model.parameters())
    history = [one_epoch(model, loaders["train"], optimizer) for _ in range(args.epochs)]
    settings.models.mkdir(exist_ok=True)
    torch.save(model.state_dict(), settings.models / "resnet.pt")
    with (settings.models / "history.json").open("w") as stream:
        json.dump(history, stream)


if __name__ == "__main__":
    main()
