"""Tags as assets: one URI per tag, whatever its name holds, and nothing else under the scheme."""

from __future__ import annotations

import subprocess
import sys

import pytest
from airflow.sdk import Asset
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.assets.tags import is_tag_asset, tag_asset, tag_of, wincc_conn_id_of
from airflow_provider_wincc.assets.uri import TagAddress, from_uri, to_uri

TEXTS = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF), min_size=1, max_size=128)
CONNECTION_IDS = st.from_regex(r"[A-Za-z0-9_#!()\-.:/\\]{1,60}", fullmatch=True)


def test_the_asset_of_a_tag_has_a_readable_uri():
    asset = tag_asset("Tank1.Level", "plant_a")

    assert asset.uri == "wincc://plant_a/Tank1.Level"
    assert (asset.name, asset.group) == (asset.uri, "wincc")


@pytest.mark.parametrize(
    ("tag", "uri"),
    [
        ("Halle 3/Füllstand", "wincc://wincc_default/Halle%203%2FF%C3%BCllstand"),
        ("100%#1?", "wincc://wincc_default/100%25%231%3F"),
        ("a@b:c", "wincc://wincc_default/a%40b%3Ac"),
        ("Tank/", "wincc://wincc_default/Tank%2F"),
        ("%41", "wincc://wincc_default/%2541"),
        ("タンク.レベル", "wincc://wincc_default/%E3%82%BF%E3%83%B3%E3%82%AF.%E3%83%AC%E3%83%99%E3%83%AB"),
        ("..", "wincc://wincc_default/.."),
        ("@CurrentUser", "wincc://wincc_default/%40CurrentUser"),
    ],
)
def test_an_odd_tag_name_comes_back_from_its_uri(tag, uri):
    asset = tag_asset(tag)

    assert asset.uri == uri
    assert tag_of(asset) == tag


@given(tag=TEXTS, wincc_conn_id=CONNECTION_IDS)
def test_every_tag_and_connection_comes_back_from_an_asset_that_airflow_leaves_as_it_is(tag, wincc_conn_id):
    asset = tag_asset(tag, wincc_conn_id)

    assert (wincc_conn_id_of(asset), tag_of(asset)) == (wincc_conn_id, tag)
    assert Asset(asset.uri).uri == asset.uri == asset.normalized_uri
    assert asset.uri.isascii()
    assert len(asset.uri) <= 1500


@given(one=TEXTS, other=TEXTS)
def test_two_tags_never_share_a_uri(one, other):
    assert (to_uri(TagAddress("c", one)) == to_uri(TagAddress("c", other))) == (one == other)


def test_the_longest_tag_name_of_wincc_fits_in_any_script():
    asset = tag_asset("タ" * 128, "x" * 250)

    assert tag_of(asset) == "タ" * 128


def test_a_uri_that_airflow_could_not_store_is_refused_with_its_length():
    with pytest.raises(ValueError, match="has 1558 characters, and Airflow allows 1500"):
        tag_asset("🛢" * 128)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("wincc://plant/Füllstand", "wincc://plant/F%C3%BCllstand"),
        ("WinCC://Plant/Tank1.Level", "wincc://Plant/Tank1.Level"),
        ("wincc://plant/Halle%203/Tank1", "wincc://plant/Halle%203%2FTank1"),
        ("wincc://plant/%54ank1", "wincc://plant/Tank1"),
    ],
)
def test_a_uri_written_by_hand_is_brought_into_the_one_form(written, kept):
    assert Asset(written).uri == kept


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("wincc://plant", "names no tag"),
        ("wincc://plant/", "names no tag"),
        ("wincc:///Tank1", "names no connection id"),
        ("wincc://engineer@plant/Tank1", "holds a user name"),
        ("wincc://plant/Tank1?a=b", "has a query"),
        ("wincc://plant/100%", "% without two hexadecimal digits"),
        ("wincc://plant/%FF", "not percent-encoded UTF-8"),
    ],
)
def test_an_asset_with_another_uri_of_the_scheme_is_refused(uri, message):
    with pytest.raises(ValueError, match=message):
        Asset(uri)


def test_a_user_name_is_not_repeated_in_the_message():
    with pytest.raises(ValueError, match="user name") as caught:
        Asset("wincc://hunter2@plant/Tank1")

    assert "hunter2" not in str(caught.value)


def test_a_password_never_stays_in_an_asset():
    with pytest.warns(UserWarning, match="password"):
        asset = Asset(name="tank", uri="wincc://engineer:hunter2@plant/Tank1")

    assert asset.uri == "wincc://plant/Tank1"


@pytest.mark.parametrize(("tag", "wincc_conn_id"), [("", "plant"), ("Tank1", ""), (None, "plant"), ("\ud800", "plant")])
def test_a_name_that_is_none_is_refused(tag, wincc_conn_id):
    with pytest.raises(ValueError, match=r"asset is|half a surrogate"):
        tag_asset(tag, wincc_conn_id)


def test_assets_of_others_are_told_apart():
    assert is_tag_asset(tag_asset("Tank1"))
    assert not is_tag_asset(Asset("s3://bucket/key"))
    assert not is_tag_asset(Asset("wincc"))
    assert not is_tag_asset("wincc://plant/Tank1")
    with pytest.raises(ValueError, match="is not that of a WinCC tag"):
        tag_of(Asset("s3://bucket/key"))


def test_the_factory_that_airflow_knows_makes_the_same_asset():
    try:
        from airflow.sdk.providers_manager_runtime import ProvidersManagerTaskRuntime as ProvidersManager
    except ImportError:  # Airflow 3.1
        from airflow.providers_manager import ProvidersManager
    factory = ProvidersManager().asset_factories["wincc"]

    assert factory(tag="Tank1.Level", wincc_conn_id="plant", extra=None) == tag_asset("Tank1.Level", "plant")


def test_the_handler_loads_nothing_but_the_standard_library():
    code = """
import sys
before = set(sys.modules)
import airflow_provider_wincc.assets.uri
allowed = sys.stdlib_module_names | {"airflow_provider_wincc"}
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before} - allowed))
"""

    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert finished.stdout.strip() == ""


def test_an_address_is_read_from_a_uri():
    assert from_uri("wincc://plant/Tank1") == TagAddress("plant", "Tank1")
