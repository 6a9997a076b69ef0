"""A port as a user writes it: the chapter's net in Flax (Linen) and Optax."""

import jax
import optax
from flax import linen as nn
from flax.training.train_state import TrainState


class Net(nn.Module):
    num_hiddens1: int = 256
    num_hiddens2: int = 256

    @nn.compact
    def __call__(self, X, training):
        normal = nn.initializers.normal(0.01)
        H1 = nn.relu(nn.Dense(self.num_hiddens1, kernel_init=normal)(X))
        H1 = nn.Dropout(0.2, deterministic=not training)(H1)
        H2 = nn.relu(nn.Dense(self.num_hiddens2, kernel_init=normal)(H1))
        H2 = nn.Dropout(0.5, deterministic=not training)(H2)
        return nn.Dense(10, kernel_init=normal)(H2)


def make_state(net, X, key):
    params = net.init(key, X, training=False)['params']
    return TrainState.create(apply_fn=net.apply, params=params, tx=optax.sgd(0.5))


@jax.jit
def train_step(state, X, y, key, batch_size=256):
    def loss(params):
        rngs = {'dropout': key}
        scores = state.apply_fn({'params': params}, X, training=True, rngs=rngs)
        losses = optax.softmax_cross_entropy_with_integer_labels(scores, y)
        return losses.sum() / batch_size, losses

    grads, losses = jax.grad(loss, has_aux=True)(state.params)
    return state.apply_gradients(grads=grads), losses
