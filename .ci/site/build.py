"""Usage: build.py SITE

Builds static pages in the folder SITE: every notebook with its stored outputs, README
and docs/, the page of `d2l-dropout reproduce --shipped`, and an index. The pages lie as
their sources do, so relative links stay, but for the endings of their names. Formulas
become MathML, which browsers draw themselves: no page loads anything from elsewhere.
"""

import json
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path

import jinja2
import nbformat
from bs4 import BeautifulSoup
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

from d2l_dropout.commands.questions import CLAIMS, PROBLEMS

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
WORDS = json.loads((HERE / 'words.json').read_text(encoding='utf-8'))


class Renderer(IPythonRenderer):
    """Markdown to HTML, with formulas as MathML."""

    def block_math(self, body):
        # latex2mathml knows only the environment that stands by itself.
        return convert(body.replace('{aligned}', '{align*}'), display='block')

    def inline_math(self, body):
        return convert(body)

    def latex_environment(self, name, body):
        return self.block_math(f'\\begin{{{name}}}{body}\\end{{{name}}}')


def markdown(text):
    renderer = Renderer(escape=False, exclude_anchor_links=True)
    return MarkdownWithMath(renderer=renderer).render(text)


class Exporter(HTMLExporter):
    """The cells of a notebook and their outputs, without prompts."""

    @jinja2.pass_context
    def markdown2html(self, context, source):
        return markdown(source)


EXPORTER = Exporter(template_name='basic')
EXPORTER.exclude_input_prompt = EXPORTER.exclude_output_prompt = True
TEMPLATE = jinja2.Environment(
    loader=jinja2.FileSystemLoader(str(HERE)),
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
).get_template('page.html')


def twin(name):
    """The same text in the other language, or None."""
    stem, ending = name.rsplit('.', 1)
    other = f'{stem[:-3]}.{ending}' if '.ko.' in name else f'{stem}.ko.{ending}'
    return other if (CHECKOUT / other).exists() else None


def sources(language):
    """The sources of each group, in the order of reading; some are in English only."""
    docs = sorted(f'docs/{file.name}' for file in CHECKOUT.glob('docs/*.md'))
    groups = {
        'chapter': ['notebooks/dropout.ipynb'],
        'problems': [f'notebooks/problems/{name}.ipynb' for name in PROBLEMS],
        'claims': [f'notebooks/claims/{name}.ipynb' for name in CLAIMS],
        'project': ['README.md', *(name for name in docs if '.ko.' not in name)],
    }
    if language == 'ko':
        groups = {g: [twin(n) or n for n in names] for g, names in groups.items()}
        groups['project'] += [name for name in docs if '.ko.' in name]
    return groups


def target(name):
    """Where a source lies in the site, such as notebooks/dropout.html."""
    for ending in ('.ipynb', '.md'):
        if name.endswith(ending):
            return name[: -len(ending)] + '.html'
    return name


def render(name):
    """Return a source's title and HTML."""
    file = CHECKOUT / name
    if name.endswith('.md'):
        html = markdown(file.read_text(encoding='utf-8'))
    else:
        html, _ = EXPORTER.from_notebook_node(nbformat.read(str(file), as_version=4))
    soup = BeautifulSoup(html, 'html.parser')
    for link in soup.select('a[href]'):
        path, hash_sign, anchor = link['href'].partition('#')
        if '://' not in path:
            link['href'] = target(path) + hash_sign + anchor
    for heading in soup.select('h2, h3'):
        words = ''.join(c for c in heading.text.lower() if c.isalnum() or c in ' -')
        heading['id'] = words.strip().replace(' ', '-')
    mend_tables(soup)
    for wide in soup.select('table, pre, img, math[display=block]'):
        whole = wide.parent if wide.parent.name == 'picture' else wide
        whole.wrap(soup.new_tag('div', attrs={'class': 'scroll'}))
    return soup.h1.text.strip(), str(soup)


def mend_tables(soup):
    """Pandas styles its tables for a light page, and leaves corners empty."""
    for style in soup.select('style'):
        style.decompose()
    for row_name in soup.select('tbody th'):
        row_name['scope'] = 'row'
    for corner in soup.select('thead th'):
        if not corner.text.strip():
            corner.name = 'td'


def reproduction(site):
    """Write the page of the runs that ship, with a way back to the index."""
    file = site / 'reproduction.html'
    command = ['reproduce', '--shipped', '--report', str(file)]
    arguments = [sys.executable, '-m', 'd2l_dropout', *command]
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    html = file.read_text(encoding='utf-8')
    back = f'<nav><a href="index.html">{escape(WORDS["en"]["title"])}</a></nav>'
    file.write_text(html.replace('<body>', '<body>\n' + back, 1), encoding='utf-8')


def write(site, path, language, **values):
    """Write a page in the frame that all pages have."""
    file = site / path
    file.parent.mkdir(parents=True, exist_ok=True)
    up = '../' * path.count('/')
    values.update(words=WORDS[language], language=language, up=up, target=target)
    file.write_text(TEMPLATE.render(**values), encoding='utf-8')


def build(site):
    """Build all pages."""
    indexes = {'en': 'index.html', 'ko': 'index.ko.html'}
    for language, other in (('en', 'ko'), ('ko', 'en')):
        groups = sources(language)
        rendered = {name: render(name) for names in groups.values() for name in names}
        titles = {name: title for name, (title, _) in rendered.items()}
        frame = dict(titles=titles, index=indexes[language], groups=None)
        names = [name for name in rendered if ('.ko.' in name) == (language == 'ko')]
        for before, name, after in zip([None, *names], names, [*names[1:], None]):
            frame.update(before=before, after=after, twin=twin(name))
            title, body = rendered[name]
            write(site, target(name), language, title=title, body=body, **frame)
        frame.update(groups=groups, before=None, after=names[0], twin=indexes[other])
        title = WORDS[language]['title']
        write(site, indexes[language], language, title=title, body='', **frame)
    shutil.copytree(str(CHECKOUT / 'docs/images'), str(site / 'docs/images'))
    (site / 'site.css').write_text(css(), encoding='utf-8')
    reproduction(site)


def css():
    """The look of all pages, with the colours of code."""
    light, dark = (HtmlFormatter(style=s) for s in ('default', 'github-dark'))
    return '\n'.join(
        [
            (HERE / 'site.css').read_text(encoding='utf-8'),
            light.get_style_defs('.highlight'),
            '@media (prefers-color-scheme: dark) {',
            dark.get_style_defs('.highlight'),
            '}',
        ]
    )


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build(Path(sys.argv[1]))
