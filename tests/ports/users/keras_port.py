"""A port as a user writes it: the chapter's net in Keras 3."""

import keras
from keras import layers, ops


def make_net(num_inputs=784, num_hiddens1=256, num_hiddens2=256, batch_size=256):
    def dense(num_units, **options):
        # An initializer of its own: one that is shared gives all layers the same draws.
        normal = keras.initializers.RandomNormal(stddev=0.01)
        return layers.Dense(num_units, kernel_initializer=normal, **options)

    net = keras.Sequential(
        [
            keras.Input((num_inputs,)),
            dense(num_hiddens1, activation='relu'),
            layers.Dropout(0.2),
            dense(num_hiddens2, activation='relu'),
            layers.Dropout(0.5),
            dense(10),
        ]
    )

    def loss(y, scores):
        # Keras divides by the examples of a mini-batch, also of a short one.
        losses = ops.sparse_categorical_crossentropy(y, scores, from_logits=True)
        return ops.sum(losses) / batch_size

    net.compile(keras.optimizers.SGD(0.5), loss=loss)
    return net
