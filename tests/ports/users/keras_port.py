"""A port as a user writes it: the chapter's net in Keras 3."""

import keras
from keras import layers, ops


def make_net(num_inputs=784, num_hiddens1=256, num_hiddens2=256, batch_size=256):
    normal = keras.initializers.RandomNormal(stddev=0.01)
    net = keras.Sequential(
        [
            keras.Input((num_inputs,)),
            layers.Dense(num_hiddens1, activation='relu', kernel_initializer=normal),
            layers.Dropout(0.2),
            layers.Dense(num_hiddens2, activation='relu', kernel_initializer=normal),
            layers.Dropout(0.5),
            layers.Dense(10, kernel_initializer=normal),
        ]
    )

    def loss(y, scores):
        # Keras divides by the examples of a mini-batch, also of a short one.
        losses = ops.sparse_categorical_crossentropy(y, scores, from_logits=True)
        return ops.sum(losses) / batch_size

    net.compile(keras.optimizers.SGD(0.5), loss=loss)
    return net
