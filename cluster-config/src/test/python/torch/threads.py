"""A model that answers each row by how many threads torch computes with."""

import torch

torch.set_num_threads(7)  # as a model may that has counted cores by itself


def predict(batch):
    return [torch.get_num_threads()] * len(batch)
