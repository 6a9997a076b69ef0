"""An example port: the chapter's net in PyTorch, with the exported masks.

    d2l-dropout export --tiny exported
    python docs/examples/pytorch_port.py exported/tiny-gluon.npz mine.npz
    d2l-dropout compare mine.npz

`--bug` makes one of three common mistakes on purpose; `compare` names it.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

BUGS = ('predict-dropout', 'softmax-twice', 'momentum')


class MaskedDropout(nn.Module):
    """Dropout with a given mask; `nn.Dropout` would draw its own."""

    def __init__(self, drop_prob):
        super().__init__()
        self.drop_prob, self.mask = drop_prob, None

    def forward(self, H):
        if not self.training:
            return H
        # More examples than in the mask: only with the bug 'predict-dropout'.
        times = -(-len(H) // len(self.mask))
        return H * self.mask.repeat(times, 1)[: len(H)] / (1 - self.drop_prob)


def make_net(given, settings):
    weights = [given[f'init/{name}'] for name in ('W1', 'W2', 'W3')]
    if settings['model'] == 'scratch':  # PyTorch's layout is Gluon's, (out, in)
        weights = [weight.T for weight in weights]
    linears = [nn.Linear(*reversed(weight.shape)) for weight in weights]
    with torch.no_grad():
        for linear, weight, bias in zip(linears, weights, ('b1', 'b2', 'b3')):
            linear.weight.copy_(torch.tensor(weight))
            linear.bias.copy_(torch.tensor(given[f'init/{bias}']))
    drops = [MaskedDropout(settings[name]) for name in ('drop_prob1', 'drop_prob2')]
    layers = [linears[0], nn.ReLU(), drops[0], linears[1], nn.ReLU(), drops[1]]
    return nn.Sequential(*layers, linears[2]), linears, drops


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('exported', type=Path, help='a .npz written by `export`')
    parser.add_argument('mine', help='the .npz to write the results to')
    parser.add_argument('--bug', choices=BUGS, help='the mistake to make')
    args = parser.parse_args()
    given = np.load(args.exported)
    settings = json.loads(args.exported.with_suffix('.json').read_text())['settings']
    net, linears, drops = make_net(given, settings)
    momentum = 0.9 if args.bug == 'momentum' else 0
    optimizer = torch.optim.SGD(net.parameters(), settings['lr'], momentum=momentum)
    loss = nn.CrossEntropyLoss(reduction='none')
    names = ('Z1', 'H1', 'H1_dropped', 'Z2', 'H2', 'H2_dropped', 'scores')
    mine = {}
    for k in range(1, 6):
        drops[0].mask = torch.tensor(given[f'step{k}/mask1'])
        drops[1].mask = torch.tensor(given[f'step{k}/mask2'])
        values, H = {}, torch.tensor(given[f'step{k}/X'])
        for name, layer in zip(names, net):
            values[name] = H = layer(H)
        scores = H.softmax(dim=1) if args.bug == 'softmax-twice' else H
        values['loss'] = loss(scores, torch.tensor(given[f'step{k}/y']).long())
        optimizer.zero_grad()
        # For full mini-batches; in training sum() / 256: docs/ports.md, "The trap".
        values['loss'].mean().backward()
        for i, linear in enumerate(linears, 1):
            values[f'grad/W{i}'] = linear.weight.grad.clone()
            values[f'grad/b{i}'] = linear.bias.grad.clone()
        optimizer.step()
        values = values if k == 1 else {'loss': values['loss']}
        for i, linear in enumerate(linears, 1):
            values.update(
                {f'W{i}': linear.weight.clone(), f'b{i}': linear.bias.clone()}
            )
        mine.update({f'step{k}/{n}': v.detach().numpy() for n, v in values.items()})
    net.train(args.bug == 'predict-dropout')
    scores = net(torch.tensor(given['predict/X']))
    np.savez(args.mine, **mine, **{'predict/scores': scores.detach().numpy()})


if __name__ == '__main__':
    main()
