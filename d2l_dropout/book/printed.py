"""What the book printed, as data; nothing of it is typed a second time elsewhere.

Source: *Dive into Deep Learning*, Korean edition, spring 2019, chapter 3.13. The
metrics come from one unseeded run of each net on the 2017-08-26 revision of
Fashion-MNIST.
"""

from d2l_dropout.metrics import EpochStats

#: Cell 2: dropout of 0 to 15 with probability 0, 0.5 and 1.
CELL_2 = """\

[[ 0.  1.  2.  3.  4.  5.  6.  7.]
 [ 8.  9. 10. 11. 12. 13. 14. 15.]]
<NDArray 2x8 @cpu(0)>

[[ 0.  0.  0.  0.  8. 10. 12.  0.]
 [16.  0. 20. 22.  0.  0.  0. 30.]]
<NDArray 2x8 @cpu(0)>

[[0. 0. 0. 0. 0. 0. 0. 0.]
 [0. 0. 0. 0. 0. 0. 0. 0.]]
<NDArray 2x8 @cpu(0)>
"""

#: Cell 5: the scratch net (section 3.13.7).
CELL_5 = """\
epoch 1, loss 1.1833, train acc 0.543, test acc 0.771
epoch 2, loss 0.5987, train acc 0.779, test acc 0.822
epoch 3, loss 0.4963, train acc 0.818, test acc 0.836
epoch 4, loss 0.4512, train acc 0.835, test acc 0.846
epoch 5, loss 0.4273, train acc 0.844, test acc 0.861
epoch 6, loss 0.4088, train acc 0.851, test acc 0.869
epoch 7, loss 0.3922, train acc 0.856, test acc 0.866
epoch 8, loss 0.3720, train acc 0.863, test acc 0.870
epoch 9, loss 0.3604, train acc 0.869, test acc 0.878
epoch 10, loss 0.3554, train acc 0.869, test acc 0.881
"""

#: Cell 7: the Gluon net (section 3.13.8).
CELL_7 = """\
epoch 1, loss 1.1507, train acc 0.552, test acc 0.774
epoch 2, loss 0.6168, train acc 0.773, test acc 0.807
epoch 3, loss 0.5205, train acc 0.809, test acc 0.849
epoch 4, loss 0.4542, train acc 0.832, test acc 0.858
epoch 5, loss 0.4279, train acc 0.845, test acc 0.859
epoch 6, loss 0.4049, train acc 0.852, test acc 0.865
epoch 7, loss 0.3863, train acc 0.859, test acc 0.865
epoch 8, loss 0.3769, train acc 0.862, test acc 0.868
epoch 9, loss 0.3619, train acc 0.868, test acc 0.874
epoch 10, loss 0.3520, train acc 0.871, test acc 0.873
"""

#: The metrics in them, by model.
EPOCHS = {'scratch': EpochStats.parse(CELL_5), 'gluon': EpochStats.parse(CELL_7)}
