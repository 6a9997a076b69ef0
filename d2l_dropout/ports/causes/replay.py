"""The exported updates recomputed in NumPy with float64, from the given masks.

This is an independent check of the exported tensors. By another recipe than the right
one it computes what a port with that bug would compute, which is how `causes`
recognises bugs.
"""

import numpy as np

from d2l_dropout.ports.causes.bugs import MISTAKES
from d2l_dropout.ports.causes.layers import ACTIVATIONS, LOSSES
from d2l_dropout.ports.causes.norms import NORMS, NormLayer
from d2l_dropout.ports.causes.optimizers import Updater
from d2l_dropout.ports.causes.recipe import RIGHT
from d2l_dropout.ports.tensors import COMPUTED, PARAMS, is_weight, num_steps

#: What `compare` says of the mistakes that `replay` can make, by name.
BUGS = {name: bug.sentence for name, bug in MISTAKES.items()}


def replay(given, settings, bug=None):
    """Compute all tensors of `tensors.COMPUTED` from those of `tensors.GIVEN`.

    Parameters
    ----------
    given : dict of str to ndarray
        The tensors of `tensors.GIVEN`, with weights in the layout of `settings.model`.
    settings : Settings
    bug : str or Recipe, optional
        A key of `BUGS`, or how to compute.

    Returns
    -------
    dict of str to ndarray of float64
        The tensors of `tensors.COMPUTED`, with weights in the same layout.
    """
    recipe = MISTAKES[bug].recipe if isinstance(bug, str) else bug or RIGHT
    return {
        name: value
        for tensors in replay_steps(given, settings, recipe)
        for name, value in tensors.items()
        if name in COMPUTED
    }


def replay_steps(given, settings, recipe):
    """Yield the tensors of each update, then those of predict mode.

    Parameters
    ----------
    given, settings
        As in `replay`.
    recipe : Recipe

    Yields
    ------
    dict of str to ndarray of float64
        With the scores of each update.
    """
    transpose = not settings.in_scratch_layout
    with np.errstate(all='ignore'):  # some bugs make the net diverge
        for tensors in _Port(given, settings, recipe).run():
            yield {n: laid_out(n, value, transpose) for n, value in tensors.items()}


def laid_out(name, value, transpose):
    """Return a tensor in float64, changed from one layout of weights to the other."""
    value = np.asarray(value, dtype='float64')
    return value.T if transpose and is_weight(name) else value


class _Port:
    """A port that computes by a recipe, with weights of shape (in, out)."""

    def __init__(self, given, settings, recipe):
        given = self.given = {**given, **recipe.inputs}
        self.settings, self.recipe = settings, recipe
        transpose = not settings.in_scratch_layout
        self.params = {
            n: recipe.initial(n, laid_out(n, given[f'init/{n}'], transpose))
            for n in PARAMS
        }
        self.probs = recipe.probs(settings.drop_prob1, settings.drop_prob2)
        self.batch_size = settings.batch_size or len(given['step1/y'])
        self.updater = Updater(recipe.optimizer, settings.lr)
        self.norms = {}
        if recipe.norm:
            kind, layers = recipe.norm
            self.norms = {layer: NormLayer(NORMS[kind], layer) for layer in layers}
            for layer, norm in self.norms.items():
                self.params.update(norm.initial(len(self.params[f'b{layer}'])))
        self.initial = self.previous = dict(self.params)

    def run(self):
        if not self.recipe.aliased:
            yield from self._steps()
            return
        *steps, predicted = self._steps()
        last = {n: steps[-1][f'step{len(steps)}/{n}'] for n in PARAMS}
        for k, tensors in enumerate(steps, 1):
            yield {**tensors, **{f'step{k}/{n}': last[n] for n in PARAMS}}
        yield predicted

    def _steps(self):
        epoch = []
        for k in range(1, num_steps(self.given) + 1):
            results = self._step(k)
            epoch.append(results)
            tensors = {f'step{k}/{n}': value for n, value in results.items()}
            if k == 1 and 'images/bytes' in self.given:
                images = self.given['images/bytes']
                tensors['images/X'] = images.reshape(len(images), -1) / 255
            if k % (self.settings.steps_per_epoch or k + 1) == 0:
                tensors.update(self._epoch(k // self.settings.steps_per_epoch, epoch))
                epoch = []
            yield tensors
        yield self._predict()

    def _epoch(self, number, steps):
        """Return the metrics of an epoch, over its examples."""
        sizes = [len(results['loss']) for results in steps]
        means = {
            name: np.average([results[name] for results in steps], weights=sizes)
            for name in ('mean_loss', 'train_acc')
        }
        return {
            f'epoch{number}/loss': means['mean_loss'],
            f'epoch{number}/train_acc': means['train_acc'],
            f'epoch{number}/test_acc': self._predict()['predict/test_acc'],
        }

    def _step(self, k):
        if self.recipe.restart and k == 2:
            self.params = dict(self.initial)
        X, y, masks = self._batch(k)
        self._masks = masks  # of the last update, for predict mode
        layers = self._forward(X, masks)
        loss, grad_scores = self._loss(layers['scores'], y)
        grads = self._backward(X, masks, layers, grad_scores)
        n = len(X)
        grads.update((b, grads[b] * self.recipe.bias_scale(n)) for b in _BIASES)
        recorded, subtracted = (
            {name: grad * scale(n, self.batch_size) for name, grad in grads.items()}
            for scale in (self.recipe.recorded_scale, self.recipe.update_scale)
        )
        if self.recipe.l2:
            recorded, subtracted = map(self._with_l2, (recorded, subtracted))
        self.previous = self.params
        self.params = self.updater.update(self.params, subtracted)
        results = {name: self.params[name] for name in PARAMS}
        results['scores'] = layers['scores']
        if k == 1:
            if self.recipe.optimizer.clips_recorded:
                recorded = self.updater.clip(recorded)
            results.update((n, v) for n, v in layers.items() if 'norm' not in n)
            results.update({f'grad/{name}': recorded[name] for name in PARAMS})
        results.update(self._metrics(X, y, masks, loss, layers['scores']))
        return results

    def _batch(self, k):
        recipe = self.recipe
        of_batch, of_masks = recipe.batch_of(k), recipe.masks_of(k)
        size = len(self.given[f'step{k}/y'])  # fewer in a short mini-batch
        of_batch = of_batch if f'step{of_batch}/X' in self.given else k
        of_masks = of_masks if f'step{of_masks}/mask1' in self.given else k
        X, y = (self.given[f'step{of_batch}/{n}'][:size] for n in 'Xy')
        masks = [self.given[f'step{of_masks}/{n}'][:size] for n in ('mask1', 'mask2')]
        if len(X) < size or len(masks[0]) < size:  # of a shorter mini-batch
            X, y, *masks = (self.given[f'step{k}/{n}'] for n in _INPUTS)
        X = recipe.images(np.asarray(X, dtype='float64'))
        y = recipe.labels(np.asarray(y).astype(int)) % 10
        return X, y, [np.asarray(mask, dtype='float64') for mask in masks]

    def _forward(self, X, masks, training=True, params=None):
        """Return all layers by name; `masks` may be None in predict mode."""
        params, recipe = params or self.params, self.recipe
        layers, H = {}, X
        for layer in (1, 2):
            W, b = params[f'W{layer}'], params[f'b{layer}']
            product = self._product(H, W)
            of = recipe.factor if training else recipe.predict_factor
            mask = None if masks is None else masks[layer - 1]
            factor = of(mask, self.probs[layer - 1], layer)
            early = recipe.dropout_before_bias
            Z = (product * factor if early else product) + self._bias(layer, b)
            layers[f'Z{layer}'] = Z
            if layer in self.norms:
                Z = self.norms[layer].forward(Z, params, training)
                layers[f'normalized{layer}'] = Z
            H = ACTIVATIONS[recipe.activations[layer - 1]][0](Z)
            layers[f'H{layer}'] = H
            H = layers[f'H{layer}_dropped'] = H if early else H * factor
        layers['scores'] = self._product(H, params['W3']) + self._bias(3, params['b3'])
        return layers

    def _bias(self, layer, bias):
        return bias if self.recipe.has_bias[layer - 1] else 0

    def _product(self, A, B):
        return _rounded(A, self.recipe.bits) @ _rounded(B, self.recipe.bits)

    def _loss(self, scores, y):
        """Return the loss of each example, and the gradient of their sum by scores."""
        target = np.zeros_like(scores)
        target[np.arange(len(y)), y] = 1
        eps = self.recipe.smoothing
        target = (1 - eps) * target + eps / scores.shape[1]
        temperature = self.recipe.temperature
        losses, grad = LOSSES[self.recipe.loss](scores / temperature, target)
        return losses, grad / temperature

    def _backward(self, X, masks, layers, grad):
        """Return the gradient of the sum of the losses for each parameter."""
        grads, inputs = {}, {1: X, 2: layers['H1_dropped'], 3: layers['H2_dropped']}
        for layer in (3, 2, 1):
            if layer < 3:
                grad = self._backward_through(layer, masks, layers, grad, grads)
            if layer <= self.recipe.detached:
                grad = np.zeros_like(grad)
            W = self.params[f'W{layer}']
            product = grad
            if self.recipe.dropout_before_bias and layer < 3:
                product = grad * self._backward_factor(layer, masks)
            grads[f'W{layer}'] = self._product(inputs[layer].T, product)
            has_bias = self.recipe.has_bias[layer - 1]
            grads[f'b{layer}'] = grad.sum(axis=0) * has_bias
            if self.recipe.updated_on_the_way:
                scale = self.recipe.update_scale(len(X), self.batch_size)
                W = W - self.settings.lr * scale * grads[f'W{layer}']
            grad = self._product(product, W.T)
        return grads

    def _backward_through(self, layer, masks, layers, grad, grads):
        """Return the gradient by Z1 or Z2, from that by the dropped layer."""
        if not self.recipe.dropout_before_bias:
            grad = grad * self._backward_factor(layer, masks)
        slope = ACTIVATIONS[self.recipe.activations[layer - 1]][1]
        if self.recipe.slopes[layer - 1]:
            Z = layers.get(f'normalized{layer}', layers[f'Z{layer}'])
            grad = grad * slope(Z)
        if layer in self.norms:
            grad, of_norm = self.norms[layer].backward(grad, self.params)
            grads.update(of_norm)
        return grad

    def _backward_factor(self, layer, masks):
        factor = self.recipe.backward_factor or self.recipe.factor
        return factor(masks[layer - 1], self.probs[layer - 1], layer)

    def _with_l2(self, grads):
        return {
            n: g + 2 * self.recipe.l2 * self.params[n] if n.startswith('W') else g
            for n, g in grads.items()
        }

    def _metrics(self, X, y, masks, loss, scores):
        """Return the loss of each example, their mean, and the train acc."""
        at, acc_scores = self.recipe.loss_at, scores
        if at != 'before':
            acc_scores = self._scores_at(at, X, masks)
            loss, _ = self._loss(acc_scores, y)
        elif self.recipe.acc_at != 'before':
            acc_scores = self._scores_at(self.recipe.acc_at, X, masks)
        mean = loss.mean()
        if self.recipe.l2:
            mean += self.recipe.l2 * sum(
                (self.previous[n] ** 2).sum() for n in PARAMS if n.startswith('W')
            )
        right = acc_scores.argmax(axis=1) == y
        return {'loss': loss, 'mean_loss': mean, 'train_acc': right.mean()}

    def _scores_at(self, at, X, masks):
        if at == 'after':
            return self._forward(X, masks)['scores']
        return self._forward(X, None, training=False, params=self.previous)['scores']

    def _predict(self):
        X, y = self.given['predict/X'], self.given['predict/y']
        X = self.recipe.images(np.asarray(X, dtype='float64'))
        last = {'last': self.params, 'previous': self.previous, 'initial': self.initial}
        params = last[self.recipe.predicts_with]
        masks = [self.given.get(f'predict/{n}') for n in ('mask1', 'mask2')]
        if masks[0] is None:
            masks = [np.resize(mask, (len(X), mask.shape[1])) for mask in self._masks]
        scores = self._forward(X, masks, training=False, params=params)['scores']
        right = scores.argmax(axis=1) == self.recipe.labels(np.asarray(y).astype(int))
        return {'predict/scores': scores, 'predict/test_acc': right.mean()}


_BIASES = ('b1', 'b2', 'b3')
_INPUTS = ('X', 'y', 'mask1', 'mask2')


def _rounded(A, bits):
    """Return an array with its elements rounded to so many bits of mantissa."""
    if bits is None:
        return A
    mantissa, exponent = np.frexp(A)
    return np.ldexp(np.round(np.ldexp(mantissa, bits + 1)), exponent - bits - 1)
