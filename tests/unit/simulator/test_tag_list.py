"""Lists of tags as WinCC exports them, in their encodings, separators and languages."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.client.models import DataType
from airflow_provider_wincc.simulator import PlantFile, TagList, TagListError
from airflow_provider_wincc.simulator.plant_tags import PlantTag
from airflow_provider_wincc.simulator.tag_list_words import TYPES

if TYPE_CHECKING:
    from pathlib import Path

ENGLISH = """\
Name\tData type\tLength\tFormat adaptation\tConnection\tGroup\tAddress\tStart value\tComment
Tank1/Level\tFloating-point number 32-bit IEEE 754\t4\tFloatToFloat\tPLC1\tTanks\tDB1,DD0\t12.5\tFüllstand
Tank1/Open\tBinary Tag\t1\t\tPLC1\tTanks\tDB1,D4.0\t1\t
Batch\tText tag 16-bit character set\t255\t\tInternal tags\t\t\t000042\t
"""
GERMAN = """\
Variablenname;Datentyp;Länge;Formatanpassung;Verbindung;Gruppe;Adresse;Startwert;Kommentar
Tank1/Level;Gleitkommazahl 32-Bit IEEE 754;4;FloatToFloat;PLC1;Tanks;DB1,DD0;12,5;Füllstand
Tank1/Open;Binäre Variable;1;;PLC1;Tanks;DB1,D4.0;1;
Batch;Textvariable 16-Bit Zeichensatz;255;;Interne Variablen;;;000042;
"""
TAGS = (
    PlantTag(
        name="Tank1/Level",
        data_type=DataType.FLOAT32,
        value=12.5,
        description="Füllstand",
        group="Tanks",
        connection="PLC1",
    ),
    PlantTag(name="Tank1/Open", data_type=DataType.BOOL, value=True, group="Tanks", connection="PLC1"),
    PlantTag(name="Batch", data_type=DataType.TEXT, value="000042"),
)


@pytest.mark.parametrize("text", [ENGLISH, GERMAN], ids=["english", "german"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (codecs.BOM_UTF8, "utf-8"),
        (b"", "utf-8"),
        (b"", "cp1252"),
    ],
)
def test_a_list_is_read_in_each_encoding(text: str, mark: bytes, encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_bytes(mark + text.replace("\n", "\r\n").encode(encoding))

    listed = TagList.read(file)

    assert listed == TagList(TAGS)


def test_an_encoding_that_cannot_be_found_out_can_be_named(tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_bytes("Name;Data type;Comment\nA;Binary Tag;Уровень\n".encode("cp1251"))

    assert TagList.read(file, encoding="cp1251").tags[0].description == "Уровень"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "klingon"])
def test_a_wrong_encoding_is_told(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_bytes("Name;Data type\nÄ;Binary Tag;".encode("cp1252"))

    with pytest.raises(TagListError, match=r"tags\.csv.*(--encoding|is no encoding)"):
        TagList.read(file, encoding=encoding)


def test_only_the_tags_of_a_file_with_sections_are_read() -> None:
    text = (
        "DmConnection\tConnections\tConnection\n[DMCONNECTION][1]\nName\tCommunication driver \nPLC1\tS7\n"
        "DmTag\tTags\tTag\n[DMTAG][2]\nName\tConnection\tData type\tAddress \n"
        "A\tPLC1\tSigned 16-bit value\tDB1,DW0\n"
        "DmStructtag\tStructure tags\tStructure tag\n[DMSTRUCTTAG][3]\nName\tStructure type\tConnection \nS\tX\tPLC1\n"
    )

    listed = TagList.parse(text)

    assert [(tag.name, tag.data_type.value, tag.connection) for tag in listed.tags] == [("A", "int16", "PLC1")]


def test_the_columns_of_the_older_tool_are_read() -> None:
    listed = TagList.parse('Varname,Conn,Group,Spec,Flag,Common,Ctyp,CLen\nA,PLC1,G,"DB1,DW0",0,,5,2\n')

    assert [(tag.name, tag.data_type.value, tag.group) for tag in listed.tags] == [("A", "uint16", "G")]


def test_lines_before_the_columns_and_quotes_with_line_breaks_are_no_trouble() -> None:
    text = '"Export of 26 November"\n\nName;Data type;Comment\n"A";"Binary Tag";"one\ntwo; ""three"""\n'

    assert TagList.parse(text).tags[0].description == 'one\ntwo; "three"'


@pytest.mark.parametrize("word", [word for words in TYPES.values() for word in words])
def test_each_known_word_for_a_type_is_understood_in_any_case(word: str) -> None:
    (expected,) = (kind for kind, words in TYPES.items() if word in words)

    assert TagList.parse(f"Name;Data type\nA;{word.upper()}\n").tags[0].data_type is expected


def test_what_cannot_be_simulated_is_left_out_and_counted() -> None:
    listed = TagList.parse("Name;Data type\nA;Raw Data Type\nB;Raw Data Type\nC;Binary Tag\n;Binary Tag\n")

    assert [tag.name for tag in listed.tags] == ["C"]
    assert listed.left_out == ("2 of type 'Raw Data Type', which is not simulated", "1 rows without a name")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Name;Data type\nA;Signed 16-bit valu\n", r"tags, line 2, column 'Data type'.*mean 'Signed 16-bit value'\?"),
        ("Name;Datentyp\nA;\n", r"line 2, column 'Datentyp': unknown data type ''; known are"),
        ("Name;Data type;Start value\nA;Unsigned 8-bit value;300\n", r"line 2, column 'Start value'.*0 to 255"),
        ("Name;Data type\nA;Binary Tag\n\na;Binary Tag\n", r"line 4: the tag 'a' stands in line 2 already"),
        ("Nom;Type de données\nA;Binaire\n", "no row names the columns; expected one with Name and Data type"),
        ("", "begins with: nothing"),
        ("X\n[ALG_ALARM][1]\nNumber\n", "no tags in it, only ALG_ALARM"),
        ("X\n[DMTAG][1]\n", "expected the names of the columns"),
        ('Name;Data type\n"A;Binary Tag\n', r"column 'Data type'"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(TagListError, match=told):
        TagList.parse(text)


def test_a_list_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TagListError, match="cannot be read"):
        TagList.read(tmp_path / "none.csv")


def test_the_plant_file_of_a_list_has_the_same_tags() -> None:
    assert PlantFile.parse(TagList(TAGS).to_yaml()).tags == TAGS


PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x2FFF, exclude_categories=("C", "Z")), max_size=30)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F), min_size=1).filter(str.strip), PRINTABLE)
def test_any_name_and_any_text_survive_the_way_through_the_plant_file(name: str, text: str) -> None:
    tag = PlantTag(name=name, data_type=DataType.TEXT, value=text, description=text)

    assert PlantFile.parse(TagList((tag,)).to_yaml()).tags == (tag,)
