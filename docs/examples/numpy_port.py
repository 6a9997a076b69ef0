"""An example port: the chapter's net in NumPy, with the exported masks.

    d2l-dropout export --tiny exported
    python docs/examples/numpy_port.py exported/tiny-scratch.npz mine.npz
    d2l-dropout compare mine.npz

`--bug` makes one of three common mistakes on purpose; `compare` names it.
"""

import argparse
import json
from pathlib import Path

import numpy as np

BUGS = ('no-rescaling', 'kept-mask', 'summed-loss')


def dropout(H, mask, drop_prob, bug):
    if bug == 'kept-mask':  # takes 1 for a unit that is dropped
        mask = 1 - mask
    if bug == 'no-rescaling':
        return mask * H
    return mask * H / (1 - drop_prob)


def forward(params, X, masks, drop_probs, bug):
    """Return all layers by name; `masks` is None in predict mode."""
    W1, b1, W2, b2, W3, b3 = params
    t = {'Z1': X @ W1 + b1}
    t['H1'] = t['H1_dropped'] = np.maximum(t['Z1'], 0)
    if masks:
        t['H1_dropped'] = dropout(t['H1'], masks[0], drop_probs[0], bug)
    t['Z2'] = t['H1_dropped'] @ W2 + b2
    t['H2'] = t['H2_dropped'] = np.maximum(t['Z2'], 0)
    if masks:
        t['H2_dropped'] = dropout(t['H2'], masks[1], drop_probs[1], bug)
    t['scores'] = t['H2_dropped'] @ W3 + b3
    return t


def gradients(params, X, y, masks, drop_probs, t, bug):
    """Return the loss of each example, and the gradients of the mean loss.

    The exported mini-batches are full. In training, divide the sum over the last one of
    an epoch by the batch size too, not by len(y): docs/ports.md, "The trap".
    """
    shifted = t['scores'] - t['scores'].max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    g = np.exp(log_probs)
    g[rows, y] -= 1
    g /= 1 if bug == 'summed-loss' else len(y)
    W1, b1, W2, b2, W3, b3 = params
    grads = {'W3': t['H2_dropped'].T @ g, 'b3': g.sum(axis=0)}
    g = dropout(g @ W3.T, masks[1], drop_probs[1], bug) * (t['Z2'] > 0)
    grads.update({'W2': t['H1_dropped'].T @ g, 'b2': g.sum(axis=0)})
    g = dropout(g @ W2.T, masks[0], drop_probs[0], bug) * (t['Z1'] > 0)
    grads.update({'W1': X.T @ g, 'b1': g.sum(axis=0)})
    return -log_probs[rows, y], grads


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('exported', type=Path, help='a .npz written by `export`')
    parser.add_argument('mine', help='the .npz to write the results to')
    parser.add_argument('--bug', choices=BUGS, help='the mistake to make')
    args = parser.parse_args()
    given = np.load(args.exported)
    settings = json.loads(args.exported.with_suffix('.json').read_text())['settings']
    drop_probs = settings['drop_prob1'], settings['drop_prob2']
    names = ('W1', 'b1', 'W2', 'b2', 'W3', 'b3')
    # Gluon's weights are (out, in). `compare` accepts either layout in the results.
    params = [given[f'init/{name}'] for name in names]
    if settings['model'] == 'gluon':
        params = [param.T for param in params]  # transposing a bias changes nothing
    mine = {}
    for k in range(1, 6):
        X, y = given[f'step{k}/X'], given[f'step{k}/y']
        masks = given[f'step{k}/mask1'], given[f'step{k}/mask2']
        t = forward(params, X, masks, drop_probs, args.bug)
        t['loss'], grads = gradients(params, X, y, masks, drop_probs, t, args.bug)
        params = [p - settings['lr'] * grads[n] for p, n in zip(params, names)]
        if k == 1:
            t.update({f'grad/{name}': grad for name, grad in grads.items()})
        else:
            t = {'loss': t['loss']}
        t.update(zip(names, params))
        mine.update({f'step{k}/{name}': value for name, value in t.items()})
    t = forward(params, given['predict/X'], None, drop_probs, args.bug)
    np.savez(args.mine, **mine, **{'predict/scores': t['scores']})


if __name__ == '__main__':
    main()
