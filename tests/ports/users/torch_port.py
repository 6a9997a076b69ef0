"""A port as a user writes it: the chapter's net in PyTorch."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, num_inputs=784, num_hiddens1=256, num_hiddens2=256):
        super().__init__()
        self.linear1 = nn.Linear(num_inputs, num_hiddens1)
        self.dropout1 = nn.Dropout(0.2)
        self.linear2 = nn.Linear(num_hiddens1, num_hiddens2)
        self.dropout2 = nn.Dropout(0.5)
        self.linear3 = nn.Linear(num_hiddens2, 10)
        for linear in (self.linear1, self.linear2, self.linear3):
            nn.init.normal_(linear.weight, std=0.01)
            nn.init.zeros_(linear.bias)

    def forward(self, X):
        H1 = self.dropout1(F.relu(self.linear1(X.flatten(1))))
        H2 = self.dropout2(F.relu(self.linear2(H1)))
        return self.linear3(H2)


def make_optimizer(net):
    return torch.optim.SGD(net.parameters(), lr=0.5)


def train_step(net, optimizer, X, y, batch_size=256):
    net.train()
    scores = net(X)
    losses = F.cross_entropy(scores, y, reduction='none')
    optimizer.zero_grad()
    (losses.sum() / batch_size).backward()
    optimizer.step()
    return losses
