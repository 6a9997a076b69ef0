"""An example port: the chapter's net in PyTorch.

    d2l-dropout export --tiny exported
    python docs/examples/pytorch_port.py exported/epochs-gluon.npz mine.npz
    d2l-dropout compare mine.npz --require torch

The masks and initial values of the case are injected; probabilities and learning rate
are the port's own. What injection hides is checked first: the port's dropout, initial
values and images. `--bug` makes one of four common mistakes on purpose; `compare` names
it.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

from d2l_dropout.ports import check_dropout, check_images, check_init

BUGS = ('predict-dropout', 'softmax-twice', 'momentum', 'mean-loss')
LAYERS = ('Z1', 'H1', 'H1_dropped', 'Z2', 'H2', 'H2_dropped', 'scores')
LR = 0.5


class Dropout(nn.Dropout):
    """PyTorch's dropout, but for a mask that is injected."""

    mask = None

    def forward(self, H):
        if self.mask is None or not self.training:
            return super().forward(H)
        # More examples than in the mask: only with the bug 'predict-dropout'.
        times = -(-len(H) // len(self.mask))
        return H * self.mask.repeat(times, 1)[: len(H)] / (1 - self.p)


def make_net(num_inputs=784, num_hiddens1=256, num_hiddens2=256):
    net = nn.Sequential(
        *(nn.Linear(num_inputs, num_hiddens1), nn.ReLU(), Dropout(0.2)),
        *(nn.Linear(num_hiddens1, num_hiddens2), nn.ReLU(), Dropout(0.5)),
        nn.Linear(num_hiddens2, 10),
    )
    for layer in (net[0], net[3], net[6]):
        nn.init.normal_(layer.weight, std=0.01)
        nn.init.zeros_(layer.bias)
    return net


def params_of(net):
    names = ('W1', 'b1', 'W2', 'b2', 'W3', 'b3')
    return dict(zip(names, net.parameters()))


def check_what_injection_hides(net):
    for layer, drop_prob in ((net[2], 0.2), (net[5], 0.5)):

        def gradient(H, layer=layer):
            H = torch.tensor(H, requires_grad=True)
            output = layer.train()(H)
            output.sum().backward()
            return output.detach(), H.grad

        def predict(H, layer=layer):
            return layer.eval()(torch.tensor(H))

        check_dropout(lambda H, g=gradient: g(H)[0], drop_prob, predict, gradient)
    check_init({name: param.detach() for name, param in params_of(net).items()})
    # What torchvision's ToTensor and nn.Flatten do.
    check_images(lambda images: torch.tensor(images).float().div(255).flatten(1))


def make_net_of_case(given, settings):
    weights = {name: torch.tensor(given[f'init/{name}']) for name in ('W1', 'W2', 'W3')}
    if settings['model'] == 'scratch':  # PyTorch's layout is Gluon's, (out, in)
        weights = {name: weight.T for name, weight in weights.items()}
    net = make_net(weights['W1'].shape[1], *(len(weights[n]) for n in ('W1', 'W2')))
    with torch.no_grad():
        for name, param in params_of(net).items():
            param.copy_(weights.get(name, torch.tensor(given[f'init/{name}'])))
    return net


def step(net, optimizer, X, y, batch_size, bug):
    """Make one update and return its tensors by name."""
    t, H = {}, X
    for name, layer in zip(LAYERS, net):
        t[name] = H = layer(H)
    scores = H.softmax(dim=1) if bug == 'softmax-twice' else H
    t['loss'] = nn.functional.cross_entropy(scores, y, reduction='none')
    optimizer.zero_grad()
    # Not the mean: the last mini-batch of an epoch is short.
    divisor = len(y) if bug == 'mean-loss' else batch_size
    (t['loss'].sum() / divisor).backward()
    for name, param in params_of(net).items():
        t[f'grad/{name}'] = param.grad.clone()
    optimizer.step()
    t.update((name, param.clone()) for name, param in params_of(net).items())
    t['mean_loss'] = t['loss'].mean()
    t['right'] = (t['scores'].argmax(dim=1) == y).float()
    t['train_acc'] = t['right'].mean()
    return {name: value.detach().numpy() for name, value in t.items()}


def train(net, given, settings, bug):
    """Return all tensors of the updates for which there are inputs."""
    momentum = 0.9 if bug == 'momentum' else 0
    optimizer = torch.optim.SGD(net.parameters(), LR, momentum=momentum)
    steps_per_epoch = settings['steps_per_epoch']
    mine, epoch, k = {}, [], 1
    while f'step{k}/X' in given:
        net.train()
        X, y, net[2].mask, net[5].mask = (
            torch.tensor(given[f'step{k}/{n}']) for n in ('X', 'y', 'mask1', 'mask2')
        )
        t = step(net, optimizer, X, y.long(), settings['batch_size'], bug)
        mine.update({f'step{k}/{name}': t[name] for name in t})
        epoch.append(t)
        if steps_per_epoch and k % steps_per_epoch == 0:
            at = f'epoch{k // steps_per_epoch}'
            for name, of in (('loss', 'loss'), ('train_acc', 'right')):
                mine[f'{at}/{name}'] = np.concatenate([t[of] for t in epoch]).mean()
            mine[f'{at}/test_acc'], epoch = predict(net, given, bug)[1], []
        k += 1
    mine['predict/scores'], mine['predict/test_acc'] = predict(net, given, bug)
    return mine


@torch.no_grad()
def predict(net, given, bug):
    net.train(bug == 'predict-dropout')
    scores = net(torch.tensor(given['predict/X'])).numpy()
    return scores, (scores.argmax(axis=1) == given['predict/y']).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('exported', type=Path, help='a .npz written by `export`')
    parser.add_argument('mine', help='the .npz to write the results to')
    parser.add_argument('--bug', choices=BUGS, help='the mistake to make')
    args = parser.parse_args()
    check_what_injection_hides(make_net())
    given = np.load(args.exported)
    manifest = json.loads(args.exported.with_suffix('.json').read_text())
    net = make_net_of_case(given, manifest['settings'])
    mine = train(net, given, manifest['settings'], args.bug)
    # Of layers and gradients, a case has those of the first step only.
    np.savez(args.mine, **{n: mine[n] for n in mine if n in manifest['tensors']})


if __name__ == '__main__':
    main()
