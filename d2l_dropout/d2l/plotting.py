"""The book's plotting utilities, which `import d2l` loads at their first use."""

from matplotlib import pyplot as plt

from d2l_dropout import fashion_mnist

__all__ = ['plt', 'semilogy', 'set_figsize', 'show_fashion_mnist', 'use_svg_display']


def use_svg_display():
    """Display Matplotlib's figures as SVG in Jupyter; elsewhere do nothing.

    A PNG is stored beside each SVG, because JupyterLab shows no SVG of a notebook that
    it does not trust, and it trusts none that was made elsewhere.

    Defined in d2l v0.5.0, chapter_deep-learning-basics/linear-regression-scratch.md.
    """
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    if get_ipython() is not None:
        set_matplotlib_formats('svg', 'retina')


def set_figsize(figsize=(3.5, 2.5)):
    """Set the size of the Matplotlib figures that follow.

    Parameters
    ----------
    figsize : (float, float)
        Width and height in inches.

    Defined in d2l v0.5.0, chapter_deep-learning-basics/linear-regression-scratch.md.
    """
    use_svg_display()
    plt.rcParams['figure.figsize'] = figsize


def semilogy(
    x_vals,
    y_vals,
    x_label,
    y_label,
    x2_vals=None,
    y2_vals=None,
    legend=None,
    figsize=(3.5, 2.5),
):
    """Plot one or two curves with a logarithmic y axis.

    Parameters
    ----------
    x_vals, y_vals : sequence of float
        The first curve.
    x_label, y_label : str
    x2_vals, y2_vals : sequence of float, optional
        The second curve, dotted.
    legend : list of str, optional
    figsize : (float, float)
        In inches.

    Defined in d2l v0.5.0, chapter_deep-learning-basics/underfit-overfit.md.
    """
    set_figsize(figsize)
    plt.xlabel(x_label)
    plt.ylabel(y_label)
    plt.semilogy(x_vals, y_vals)
    if x2_vals is not None and y2_vals is not None:
        plt.semilogy(x2_vals, y2_vals, linestyle=':')
    if legend:
        plt.legend(legend)


def show_fashion_mnist(images, labels):
    """Show images of 28 x 28 pixels in one row, each under its label.

    A line below the row says so if the data are synthetic.

    Parameters
    ----------
    images : iterable of NDArray, 784 elements each
    labels : iterable of str

    Defined in d2l v0.5.0, chapter_deep-learning-basics/fashion-mnist.md.
    """
    use_svg_display()
    images, labels = list(images), list(labels)
    fig, axes = plt.subplots(1, len(images), figsize=(12, 12), squeeze=False)
    for ax, image, label in zip(axes[0], images, labels):
        ax.imshow(image.reshape((28, 28)).asnumpy())
        ax.set_title(label)
        ax.axes.get_xaxis().set_visible(False)
        ax.axes.get_yaxis().set_visible(False)
    last = fashion_mnist.last_loaded()
    if last is not None and last.revision == fashion_mnist.SYNTHETIC:
        fig.text(0.5, 0.4, last.description, ha='center')
