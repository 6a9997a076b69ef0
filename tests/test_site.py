"""`make site`: every page is complete without a network, in both languages."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
BUILD = CHECKOUT / '.ci' / 'site' / 'build.py'
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BUILD.exists(), reason='not a checkout'),
]


@pytest.fixture(scope='module')
def site(tmp_path_factory):
    """The folder of a site that has just been built."""
    for needed in ('latex2mathml', 'nbconvert', 'jinja2', 'scipy'):
        pytest.importorskip(needed)
    folder = tmp_path_factory.mktemp('built') / 'site'
    command = [sys.executable, str(BUILD), str(folder)]
    subprocess.run(command, cwd=str(CHECKOUT), check=True)
    return folder


@pytest.fixture(scope='module')
def pages(site):
    """Each page's path in the site, and its parsed HTML."""
    from bs4 import BeautifulSoup

    return {
        file: BeautifulSoup(file.read_text(encoding='utf-8'), 'html.parser')
        for file in site.rglob('*.html')
    }


def notebooks():
    folder = CHECKOUT / 'notebooks'
    files = [*folder.glob('*.ipynb'), *folder.glob('*/*.ipynb')]
    return [file.relative_to(CHECKOUT) for file in files]


def test_there_is_a_page_of_each_notebook_and_document(site, pages):
    documents = [f.relative_to(CHECKOUT) for f in CHECKOUT.glob('docs/*.md')]
    for source in [*notebooks(), *documents, Path('README.md'), Path('README.ko.md')]:
        assert site / source.with_suffix('.html') in pages
    for name in ('index.html', 'index.ko.html', 'reproduction.html'):
        assert site / name in pages


def test_a_page_loads_nothing_but_files_of_the_site(pages):
    loading = {'script': 'src', 'img': 'src', 'link': 'href', 'source': 'srcset'}
    for file, page in pages.items():
        assert not page.select('iframe, object, embed, video, base')
        for tag, attribute in loading.items():
            for element in page.select(f'{tag}[{attribute}]'):
                url = element[attribute]
                assert url.startswith('data:') or (file.parent / url).is_file(), url
        for style in page.select('style'):
            assert '@import' not in style.text and 'url(' not in style.text


def test_the_style_sheet_loads_nothing(site):
    style = (site / 'site.css').read_text(encoding='utf-8')
    assert '@import' not in style and 'url(' not in style


def test_each_link_within_the_site_leads_somewhere(pages):
    for file, page in pages.items():
        for link in page.select('a[href]'):
            url, _, anchor = link['href'].partition('#')
            if '://' in url:
                continue
            target = (file.parent / unquote(url)).resolve() if url else file
            assert target in pages, f'{file.name}: {link["href"]}'
            if anchor:
                assert pages[target].find(id=unquote(anchor)), link['href']


def test_each_image_has_an_alternative_text(pages):
    images = [image for page in pages.values() for image in page.select('img')]
    assert len(images) > 2 * 20
    assert all(len(image.get('alt', '')) > 20 for image in images)


def test_both_languages_lead_to_each_other(site, pages):
    pairs = [
        (n, n.with_suffix('.ko.ipynb')) for n in notebooks() if '.ko' not in str(n)
    ]
    for names in pairs:
        english, korean = (site / name.with_suffix('.html') for name in names)
        for here, there, other in [(english, korean, 'ko'), (korean, english, 'en')]:
            (link,) = pages[here].select('a[hreflang]')
            assert link['hreflang'] == other == pages[there].html['lang']
            assert (here.parent / link['href']).resolve() == there


@pytest.mark.parametrize('index', ['index.html', 'index.ko.html'])
def test_next_leads_through_all_pages_and_previous_back(site, pages, index):
    here, seen = site / index, []
    while pages[here].select('a[rel=next]'):
        before, link = here, pages[here].select_one('a[rel=next]')
        here = (here.parent / link['href']).resolve()
        seen.append(here)
        back = pages[here].select_one('a[rel=prev]')
        if before.name != index:
            assert (here.parent / back['href']).resolve() == before
    assert len(seen) == len(set(seen)) and len(seen) >= len(notebooks()) // 2


def test_each_formula_is_mathml(site, pages):
    for name in notebooks():
        page = pages[site / name.with_suffix('.html')]
        source = (CHECKOUT / name).read_text(encoding='utf-8')
        assert bool(page.select('math')) == ('$' in source)
        for formula in page.select('math'):
            assert not {'&', '\\'} & set(formula.text), formula.text  # all understood
            formula.extract()
        assert '\\frac' not in page.text and '\\mathbf' not in page.text
