"""The chapter in PyTorch: eager mode, all tensors in memory."""

import os

import numpy as np

from d2l_dropout import fashion_mnist

try:
    import torch
    from torch import nn
except ImportError as error:
    raise ImportError('this benchmark needs PyTorch: pip install torch') from error


def epochs(num_epochs, batch_size):
    """Train as the chapter does and yield after each epoch and its test pass.

    Parameters
    ----------
    num_epochs, batch_size : int

    Yields
    ------
    loss, train_acc, test_acc : float
    """
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    train_X, train_y, test_X, test_y = _tensors()
    net = nn.Sequential(
        nn.Linear(784, 256),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(256, 256),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(256, 10),
    )
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    loss = nn.CrossEntropyLoss()
    for _ in range(num_epochs):
        l_sum = correct = 0.0
        net.train()
        for batch in torch.from_numpy(np.random.permutation(len(train_y))).split(
            batch_size
        ):
            X, y = train_X[batch], train_y[batch]
            y_hat = net(X)
            l = loss(y_hat, y)
            optimizer.zero_grad()
            l.backward()
            optimizer.step()
            l_sum += l.item() * len(y)
            correct += (y_hat.argmax(1) == y).sum().item()
        net.eval()
        with torch.no_grad():
            right = sum(
                (net(X).argmax(1) == y).sum().item()
                for X, y in zip(test_X.split(batch_size), test_y.split(batch_size))
            )
        yield l_sum / len(train_y), correct / len(train_y), right / len(test_y)


def _tensors():
    data = fashion_mnist.load()
    images = (data.train_images, data.test_images)
    train_X, test_X = (
        torch.from_numpy(array.reshape(len(array), 784) / np.float32(255))
        for array in images
    )
    train_y, test_y = (
        torch.from_numpy(array.astype('int64'))
        for array in (data.train_labels, data.test_labels)
    )
    return train_X, train_y, test_X, test_y
