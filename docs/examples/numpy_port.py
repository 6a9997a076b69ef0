"""An example port: the chapter's net in NumPy.

    d2l-dropout export --tiny exported
    python docs/examples/numpy_port.py exported/epochs-scratch.npz mine.npz
    d2l-dropout compare mine.npz --require numpy

The masks and initial values of the case are injected; probabilities and learning rate
are the port's own. What injection hides is checked first: the port's dropout, initial
values and images. `--bug` makes one of four common mistakes on purpose; `compare` names
it.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from d2l_dropout.ports import check_dropout, check_images, check_init

BUGS = ('no-rescaling', 'kept-mask', 'summed-loss', 'mean-loss')
NAMES = ('W1', 'b1', 'W2', 'b2', 'W3', 'b3')
DROP_PROBS, LR = (0.2, 0.5), 0.5
rng = np.random.default_rng()


def draw_mask(shape, drop_prob):
    return rng.random(shape) >= drop_prob


def draw_params(sizes=(784, 256, 256, 10)):
    layers = list(zip(sizes, sizes[1:]))
    return [p for s in layers for p in (rng.normal(0, 0.01, s), np.zeros(s[1]))]


def dropout(H, mask, drop_prob, bug=None):
    if mask is None:  # predict mode
        return H
    if bug == 'kept-mask':  # takes 1 for a unit that is dropped
        mask = 1 - mask
    return mask * H / (1 if bug == 'no-rescaling' else 1 - drop_prob)


def forward(params, X, masks=(None, None), bug=None):
    W1, b1, W2, b2, W3, b3 = params
    t = {'Z1': X @ W1 + b1}
    t['H1'] = np.maximum(t['Z1'], 0)
    t['H1_dropped'] = dropout(t['H1'], masks[0], DROP_PROBS[0], bug)
    t['Z2'] = t['H1_dropped'] @ W2 + b2
    t['H2'] = np.maximum(t['Z2'], 0)
    t['H2_dropped'] = dropout(t['H2'], masks[1], DROP_PROBS[1], bug)
    t['scores'] = t['H2_dropped'] @ W3 + b3
    return t


def gradients(params, X, y, masks, t, bug):
    """Return the loss of each example, and the gradients of the sum of the losses."""
    shifted = t['scores'] - t['scores'].max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    g = np.exp(log_probs)
    g[rows, y] -= 1
    W1, b1, W2, b2, W3, b3 = params
    grads = {'W3': t['H2_dropped'].T @ g, 'b3': g.sum(axis=0)}
    g = dropout(g @ W3.T, masks[1], DROP_PROBS[1], bug) * (t['Z2'] > 0)
    grads.update({'W2': t['H1_dropped'].T @ g, 'b2': g.sum(axis=0)})
    g = dropout(g @ W2.T, masks[0], DROP_PROBS[0], bug) * (t['Z1'] > 0)
    grads.update({'W1': X.T @ g, 'b1': g.sum(axis=0)})
    return -log_probs[rows, y], grads


def check_what_injection_hides():
    for p, expected in zip(DROP_PROBS, (0.2, 0.5)):

        def gradient(H, p=p):
            mask = draw_mask(H.shape, p)
            return dropout(H, mask, p), dropout(np.ones_like(H), mask, p)

        def predict(H, p=p):
            return dropout(H, None, p)

        check_dropout(lambda H, g=gradient: g(H)[0], expected, predict, gradient)
    check_init(dict(zip(NAMES, draw_params())))
    check_images(lambda images: images.reshape(len(images), -1) / np.float32(255))


def train(given, params, batch_size, steps_per_epoch, bug):
    """Return all tensors of the updates for which there are inputs."""
    mine, epoch, k = {}, [], 1
    while f'step{k}/X' in given:
        X, y, *masks = (given[f'step{k}/{n}'] for n in ('X', 'y', 'mask1', 'mask2'))
        t = forward(params, X, masks, bug)
        t['loss'], grads = gradients(params, X, y, masks, t, bug)
        num = 1 if bug == 'summed-loss' else len(y)
        t.update({f'grad/{name}': grads[name] / num for name in NAMES})
        # Not by len(y), the mean loss: the last mini-batch of an epoch is short.
        divisor = {'mean-loss': len(y), 'summed-loss': 1}.get(bug, batch_size)
        params = [p - LR * grads[n] / divisor for p, n in zip(params, NAMES)]
        t.update(zip(NAMES, params))
        right = t['scores'].argmax(axis=1) == y
        t.update(mean_loss=t['loss'].mean(), train_acc=right.mean())
        mine.update({f'step{k}/{name}': t[name] for name in t})
        epoch.append((t['loss'], right))
        if steps_per_epoch and k % steps_per_epoch == 0:
            losses, right = map(np.concatenate, zip(*epoch))
            at, epoch = f'epoch{k // steps_per_epoch}', []
            mine.update({f'{at}/loss': losses.mean(), f'{at}/train_acc': right.mean()})
            mine[f'{at}/test_acc'] = predict(given, params)[1]
        k += 1
    mine['predict/scores'], mine['predict/test_acc'] = predict(given, params)
    return mine


def predict(given, params):
    scores = forward(params, given['predict/X'])['scores']
    return scores, (scores.argmax(axis=1) == given['predict/y']).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('exported', type=Path, help='a .npz written by `export`')
    parser.add_argument('mine', help='the .npz to write the results to')
    parser.add_argument('--bug', choices=BUGS, help='the mistake to make')
    args = parser.parse_args()
    check_what_injection_hides()
    given = np.load(args.exported)
    manifest = json.loads(args.exported.with_suffix('.json').read_text())
    settings = manifest['settings']
    # Gluon's weights are (out, in). `compare` accepts either layout in the results.
    params = [given[f'init/{name}'] for name in NAMES]
    if settings['model'] == 'gluon':
        params = [param.T for param in params]  # transposing a bias changes nothing
    sizes = settings['batch_size'], settings['steps_per_epoch']
    mine = train(given, params, *sizes, args.bug)
    # Of layers and gradients, a case has those of the first step only.
    np.savez(args.mine, **{n: mine[n] for n in mine if n in manifest['tensors']})


if __name__ == '__main__':
    main()
