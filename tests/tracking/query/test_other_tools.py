"""What other tools write either means the same here, or is an error that points at it and says the form it has here."""

import math
from datetime import datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from magnus_tracking.errors import QueryError
from magnus_tracking.query import Context, SummaryRows, complete, missing_names, parse, parse_field, parse_sort
from magnus_tracking.query.fields import Kind
from magnus_tracking.query.matching import as_text
from magnus_tracking.runlog.summary import MetricSummary, RunSummary
from support.query_errors import error_of

SAME = [
    ("status==fail", "status:fail"),
    ("status === fail", "status:fail"),
    ("status<>fail", "status!=fail"),
    ("metric.loss≤0.3 metric.acc≥1 param.n≠3", "metric.loss<=0.3 metric.acc>=1 param.n!=3"),
    ("metric.loss:>0.3 steps:<=3", "metric.loss>0.3 steps<=3"),
    ("status:fail && tag:x || !(retries>0)", "status:fail and tag:x or not retries>0"),
    ("(status:fail)&(tag:x)|(tag:y)", "status:fail and tag:x or tag:y"),
    ("! tag:x", "not tag:x"),
    ("!!tag:x", "not not tag:x"),
    ("status in [fail, success]", "status:fail or status:success"),
    ("status IN ('fail', \"success\")", "status:fail or status:success"),
    ("status in {fail}", "status:fail"),
    ("status:(fail, success)", "status:fail or status:success"),
    ("tag not in [a, b]", "tag!=a and tag!=b"),
    ("status:fail,success", "status:fail or status:success"),
    ("tag:a, b", "tag:a or tag:b"),
    ("tag!=a,b", "tag!=a and tag!=b"),
    ("param.lr=0.1,0.2", "param.lr=0.1 or param.lr=0.2"),
    ("min(metric.loss) in [1,2]", "min(metric.loss)=1 or min(metric.loss)=2"),
    ("metric.loss:0.1..0.3", "metric.loss>=0.1 and metric.loss<=0.3"),
    ("metric.loss:-1..-.5", "metric.loss>=-1 and metric.loss<=-.5"),
    ("metric.loss:*..0.3", "metric.loss<=0.3"),
    ("steps:2..", "steps>=2"),
    ("duration:5m..2h", "duration>=5m and duration<=2h"),
    ("metric.loss:[0.1 TO 0.3]", "metric.loss>=0.1 and metric.loss<=0.3"),
    ("retries between 1 and 3 and status:fail", "retries>=1 and retries<=3 and status:fail"),
    ("started between 2026-11-01 and 2026-11-20", "started>=2026-11-01 (started<=2026-11-20 or started:2026-11-20)"),
    ("tag is null", "not has:tag"),
    ("metric.loss IS NOT NULL", "has:metric.loss"),
    ("metric.loss is nan", "nan:metric.loss"),
    ('metrics.loss < 0.3 AND params.opt = "adam"', "metric.loss<0.3 and param.opt=adam"),
    ("attributes.status = 'fail'", "status:fail"),
    ("attributes.start_time > 2h", "started>2h"),
    ("metrics.`f1 score` > 1", 'metric."f1 score">1'),
    ("metric.'f1 score'>1", 'metric."f1 score">1'),
    ("tag:“sweep 1”", 'tag:"sweep 1"'),
    ("tag:„sweep 1“", 'tag:"sweep 1"'),
    ("tag:‘a’", "tag:a"),
    ("metric.loss<.3", "metric.loss<0.3"),
    ("param.lr=1e-4", "param.lr=0.0001"),
    ("status:fail\u00a0\u200btag:x", "status:fail tag:x"),
    ("took>5 mint", "took>5 and mint"),
    ("retries>1 m", "retries>1 and m"),
    ("metric.loss:{0.1 TO 0.3}", "metric.loss>0.1 and metric.loss<0.3"),
    ("metric.loss:{0.1 TO *}", "metric.loss>0.1"),
    ('tag:"order by" retries>1', 'tag:"order by" and retries>1'),
    ("where order by", "where and order and by"),
    ("retries not between 1 and 3", "retries!=1..3"),
    ("metric.loss is not in [1, 2]", "metric.loss!=1 and metric.loss!=2"),
    ("memory limit 5", "memory and limit and 5"),
    ("no xor descending", "no and xor and descending"),
    ("loss is bad text like this", "loss and is and bad and text and like and this"),
    ("""'limit 5' "order by x\"""", '"limit 5" and "order by x"'),
]

TOLD = [
    ("tag~sweep", 3, "tag:*sweep*"),
    ('tag =~ "sweep.*"', 4, "tag:*sweep*"),
    ("tag!~sweep", 3, "not tag:*sweep*"),
    ("tag:/sweep.*/", 4, "tag:*sweep*"),
    ("tag like 'sweep%'", 4, "tag:sweep*"),
    ("tag not like '%x'", 4, "not tag:*x"),
    ("tag contains sweep", 4, "tag:*sweep*"),
    ("tag startswith sweep", 4, "tag:sweep*"),
    ("status is fail", 7, "status:fail"),
    ("metric.loss>=<0.3", 11, ": = != < <= > >="),
    ("metric.loss=<0.3", 11, "metric.loss<=0.3"),
    ("metric.loss=>0.3", 11, "metric.loss>=0.3"),
    ("metric.loss:<>0.3", 11, ": = != < <= > >="),
    ("metric:loss<0.3", 0, "metric.NAME"),
    ("loss<.3", 0, "metric.loss"),
    ("lr=1e-4", 0, "param.lr"),
    ("config.lr=3", 0, "param.lr"),
    ("summary.loss<1", 0, "metric.loss"),
    ("tags.owner = 'x'", 0, "tag:owner"),
    ("staus:fail", 0, "status"),
    ("-tag:x", 0, "not tag"),
    ("+status:fail", 0, "not"),
    ("_exists_:tag", 0, "has:"),
    ("0.3>metric.loss", 0, "metric.loss<0.3"),
    ("0.1<metric.loss<0.3", 0, "metric.loss:0.1..0.3"),
    ("metric.loss:0.3..0.1", 12, "metric.loss:0.1..0.3"),
    ("duration:2h..30m", 9, "duration:30m..2h"),
    ("started:2026-02..2026-01", 8, "started:2026-01..2026-02"),
    ("started:1d..7d", 8, "started:7d..1d"),
    ("'adam'=param.opt", 0, "the field comes first"),
    ("metric.loss<metric.val_loss", 12, "not with another field"),
    ("metric.loss<0,3", 12, "metric.loss<0.3"),
    ("param.n>1,000", 8, "param.n>1000"),
    ("param.n=1,000,000", 8, "param.n=1000000"),
    ("param.n=1_000", 8, "param.n=1000"),
    ("metric.n=0x1F", 9, "metric.n=31"),
    ("metric.acc>95%", 11, "metric.acc>0.95"),
    ("param.p<5%", 8, "param.p<5"),
    ("metric.loss<−0.3", 12, "metric.loss<-0.3"),
    ("param.n>10k", 8, "param.n>10000"),
    ("size>10MB", 5, "size>10000000"),
    ("size>1.5 GiB", 5, "size>1610612736"),
    ("metric.mem>1 MB", 11, "metric.mem>1000000"),
    ("took>5 minutes", 5, "duration>5m"),
    ("took > 300 ms and tag:x", 7, "duration>300ms"),
    ("(took<2 h)", 6, "duration<2h"),
    ("started>2 days ago", 8, "started>2d"),
    ("started>2d ago", 8, "started>2d"),
    ("started>2026-03-01 10:00", 8, "started>2026-03-01T10:00"),
    ("metric.loss<small", 12, "a number"),
    ("param.opt=null", 10, "not has:param.opt"),
    ("metric.loss != None", 15, "has:metric.loss"),
    ("param.layers=[64,64]", 13, 'param.layers:"[64, 64]"'),
    ("tag:(a OR b)", 4, "status:fail,success"),
    ("status:fail|success", 11, "fail,success"),
    ("status:fail, tag:x", 13, "and"),
    ("status:fail ,tag:x", 13, "and"),
    ("avg(metric.loss)<1", 0, "mean(metric.loss)"),
    ("isnan(metric.loss)", 0, "nan:metric.loss"),
    ("exists(metric.loss) and tag:x", 0, "has:metric.loss"),
    ("f1(macro)>0.5", 0, "quoted"),
    ("tag:foo(bar)", 7, '"foo(bar)"'),
    ("tag:C:\\data", 6, '"'),
    ("metric.loss", 0, "has:metric.loss"),
    ("metric.f1 score>0.5", 0, 'metric."f1 score"'),
    ("metric.loss (val)<0.3", 0, 'metric."loss (val)"'),
    ("metric.loss(val)<0.3", 0, 'metric."loss(val)"'),
    ("min(metric.loss (val))<1", 4, 'metric."loss (val)"'),
    ("min(metric.f1 score)<1", 4, 'metric."f1 score"'),
    ("metric.val:loss<0.3", 15, 'metric."val:loss"<0.3'),
    ("metric.loss<0.3,metric.acc>1", 16, "not with commas"),
    ("~(status:fail)", 0, "not (status:fail)"),
    ("tag ~* sweep", 4, "tag:*text*"),
    ("tag =~ /sweep.*/i", 4, "tag:*sweep*"),
    ("tag not glob sweep*", 4, "not tag:sweep*"),
    ("id regexp sweep", 3, "id:*sweep*"),
    ('metric["loss"]<0.3', 0, "metric.loss"),
    ("params['f1 score']>1", 0, 'param."f1 score"'),
    ("df.metrics.loss<1", 0, "metric.loss"),
    ("@param.lr=1", 0, "param.lr"),
    ("$.metric.loss<1", 0, "metric.loss"),
    ("SELECT id FROM runs WHERE metric.loss<1", 0, "behind where"),
    ("where metric.loss<1", 0, "behind where"),
    ("metric.loss<1 ORDER BY started", 14, "--sort"),
    ("status:fail limit 10;", 12, "--limit"),
    ("status:fail -- the bad ones", 12, "comments"),
    ("status:fail # the bad ones", 12, "comments"),
    ("limit 5", 0, "--limit"),
    ("status:fail limit 5 offset 10", 12, "--limit"),
    ("order by metric.loss desc", 0, "--sort"),
    ("metric.loss<1 desc", 14, "--sort"),
    ("sort:loss", 0, "--sort"),
    ("select * from runs", 0, "behind where"),
    ("having metric.loss<1", 0, "behind where"),
    ("group by tag", 0, "b in the explorer"),
    ("status:fail xor tag:x", 12, "and, or and not"),
    ("status:fail ^ tag:x", 12, "and, or and not"),
    ("loss IS NOT NULL", 0, "metric.loss"),
    ("tag:x (loss is None)", 7, "metric.loss"),
    ("loss not in [1, 2]", 0, "metric.loss"),
    ("loss between 1 and 2", 0, "metric.loss"),
    ("loss like '%x%'", 0, "metric.loss"),
    ("between 1 and 2", 0, "on the left"),
    ("tag:x and like '%x%'", 10, "on the left"),
    ("tag:x tag isnull", 6, "not has:tag"),
    ("status eq fail", 7, "status:fail"),
    ("metric.loss gte 0.3", 12, "metric.loss>=0.3"),
    ("tag does not contain x", 4, "not tag:*x*"),
    ("tag starts with x", 4, "tag:x*"),
    ("status:!fail", 6, "status!=fail"),
    ("status:fail; tag:x", 7, "status:fail"),
    ("regex:abc", 0, "tag:*text*"),
    ("is:failed", 0, "status:fail"),
]


@pytest.mark.parametrize(("elsewhere", "here"), SAME)
def test_syntax_of_other_tools_means_the_same(elsewhere, here):
    assert parsed_flat(elsewhere) == parsed_flat(here)


def parsed_flat(query):
    """The query as text without the brackets that only say what belongs together anyway, numbers in one form."""
    text = str(parse(query)).replace("(", "").replace(")", "").replace("=0.0001", "=1e-4")
    return text.replace("<.3", "<0.3")


@pytest.mark.parametrize(("query", "position", "form"), TOLD)
def test_syntax_that_differs_from_other_tools_is_pointed_at_with_ours(query, position, form):
    with pytest.raises(QueryError) as raised:
        parse(query)
    assert form in str(raised.value)
    assert (raised.value.position, raised.value.text) == (position, query)


@pytest.mark.parametrize(
    "name",
    [
        "train/loss",
        "val@5",
        "f1-score",
        "top5[0]",
        "Verlust_größe",
        "損失",
        "1st",
        "5",
        "a+b",
        "loss%",
        "#1",
        "{x}",
        "a;b",
    ],
)
def test_names_as_people_write_them_need_no_quotes(name):
    run = RunSummary("a", metrics={name: MetricSummary(0.1, 0.1, 0.1, 0.1)}, parameters={name: 3})
    query = f"metric.{name}<0.3 and min(metric.{name})>0 has:param.{name} param.{name} in [3, 4]"
    assert parse(query).matches(run)
    assert parse_sort(f"-metric.{name},param.{name}")[1].field == parse_field(f"param.{name}")
    assert str(parse_field(f"metric.{name}")) == f"metric.{name}"


@pytest.mark.parametrize("name", ["loss (val)", "f1 score", "a,b", "a:b", "a=b", "a*b", "it's", 'say "hi"', "a\tb"])
def test_names_that_need_quotes_are_reported_and_written_in_quotes(name):
    run = RunSummary("a", metrics={name: MetricSummary(0.1)})
    field = str(parse_field("metric." + '"' + name.replace('"', '\\"') + '"'))
    assert parse(f"{field}<0.3").matches(run)
    with pytest.raises(QueryError):
        parse(f"metric.{name}<0.3")


def test_a_quoted_number_matches_only_as_written():
    def found(query, value):
        return parse(query).matches(RunSummary("a", parameters={"lr": value}))

    assert found('param.lr="0.1"', "0.1")
    assert found('param.lr="0.1"', 0.1)
    assert not found('param.lr="0.10"', 0.1)
    assert found("param.lr=0.10", 0.1)
    assert found('param.lr="0*"', 0.1)
    assert found('param.lr!="0.10"', 0.1)
    assert not found('param.lr!="0.1"', "0.1")
    assert str(parse('param.lr="0.1"')) == 'param.lr="0.1"'


def test_a_quoted_value_is_ordered_as_text_with_a_note():
    values = ["0.05", 0.05, "1e-05", 1e-05, "abc", 10, 9, True, None, math.nan]

    def found(query):
        return [value for value in values if parse(query).matches(RunSummary("a", parameters={"lr": value}))]

    for bound in ("0.1", "9", "1e-4"):
        there = [value for value in values if value is not None and value == value]
        assert found(f'param.lr<"{bound}"') == [value for value in there if as_text(value) < bound]
        assert found(f'param.lr>="{bound}"') == [value for value in there if as_text(value) >= bound]
    query = parse('param.lr<"0.1" or not metric.loss>="3"')
    assert parse(str(query)) == query
    said = missing_names(query, (), ["param.lr", "metric.loss"], {"SUCCESS": 1}, lambda field: True)
    assert said == [
        'param.lr<"0.1" compares texts, for the quotes; param.lr<0.1 compares numbers',
        'metric.loss>="3" compares texts, for the quotes; metric.loss>=3 compares numbers',
    ]
    plain = parse('param.lr<0.1 param.opt<"b" tag<"3" param.lr="0.1"')
    assert missing_names(plain, (), ["param.lr", "param.opt"], {"SUCCESS": 1}, lambda field: True) == []


def test_a_range_of_days_includes_its_last_day_and_never_missing_times():
    evening = RunSummary("a", started=datetime(2026, 11, 20, 22))
    assert parse("started:2026-11-19..2026-11-20").matches(evening)
    assert not parse("started:2026-11-18..2026-11-19").matches(evening)
    assert parse("started:2026-11-20..2026-11").matches(evening)
    assert parse("started:2026-11-20..2026-11-20").matches(evening)
    for value in (None, math.nan):
        run = RunSummary("a", metrics={"loss": MetricSummary(value)})
        assert not parse("metric.loss:0..1").matches(run)
        assert not parse("metric.loss not in [1, 2]").matches(run)
    assert parse("metric.loss!=0..1").matches(RunSummary("a", metrics={"loss": MetricSummary(3)}))


def test_a_text_with_dots_or_signs_stays_text():
    for text in ("../data", "v1..v2", "s3://bucket/a", "2026-11-20", "1.2.3", "10k", "5%", "--lr"):
        assert parse(f"param.x:{text}").matches(RunSummary("a", parameters={"x": text})), text


def test_a_sort_key_may_end_with_its_direction():
    assert parse_sort("metrics.loss DESC, param.lr asc") == parse_sort("-metric.loss,param.lr")
    with pytest.raises(QueryError, match="is quoted"):
        parse_sort("metric.loss (val)")


@pytest.mark.parametrize(
    "text",
    [
        " or ".join(f"metric.loss<{i}" for i in range(10_000)),
        "id in [" + ",".join(f"run-{i}" for i in range(5_000)) + "]",
        "(" * 5000 + "tag:a" + ")" * 5000,
        "!" * 5000 + "tag:a",
        "not " * 5000 + "tag:a",
        "a" * 1_000_000,
        "a " * 500_000,
        '"' * 199_999,
        "‚" * 199_000,
        "„" * 199_000,
        "tag:[" + "a," * 90_000,
        "metric." * 28_000 + "(",
        "metric." * 14_000 + "<1",
        "tag:" + "a," * 40_000 + "b",
        "tag:" + "*a" * 40_000,
        "metric.loss:" + "." * 90_000,
        " " * 99_000 + "(",
        "a" + "(" * 80,
        "metric.x" + " (" * 99,
    ],
)
def test_a_huge_query_is_answered_or_refused_in_one_line(text):
    error = error_of(text)
    if error is None:
        parse(text).select(SummaryRows([RunSummary("a", tag="aab")]))
        return
    assert 0 <= error.position <= len(text)
    assert len(str(error).splitlines()) == 1
    assert len(str(error)) < 1000


PIECES = st.sampled_from(
    [
        *("status", "tag", "metric.loss", "param.lr", "min(metric.loss)", "metric.", "started", "loss", "code", "step"),
        *(":", "=", "==", "!=", "<>", "<", "≤", "=~", "~", "=<", ":>", "in", "not in", "is", "between", "like"),
        *("fail", "0.3", "1e-4", ".3", "1_000", "5%", "0,3", "0.1..0.3", "null", "nan", "2h", "2026-11-20", "x*y"),
        *("and", "or", "not", "&&", "||", "!", "&", "|", "(", ")", "[", "]", "{", "}", ",", "..", "to", "*"),
        *(
            '"',
            "'",
            "`",
            "“",
            "”",
            "\\",
            " ",
            "  ",
            "\u200b",
            "has:",
            "nan:",
            "avg(",
            "/",
            "@",
            "−",
            "損失",
            "\x1b",
            "\n",
        ),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join) | st.lists(PIECES, max_size=10).map(" ".join) | st.text(max_size=20))
@settings(max_examples=1500, deadline=None)
@example('"metric.loss"')
@example('"params."* x')
def test_any_typed_text_is_a_query_or_one_error_that_points_into_it(text):
    error = error_of(text)
    if error is not None:
        assert 0 <= error.position <= len(text)
        assert error.text == text
        assert str(error)
        return
    query = parse(text)
    assert parse(str(query)) == query
    query.select(SummaryRows([RunSummary("a", tag="x"), RunSummary("b", error="x")]), Context(datetime(2026, 11, 23)))


@given(st.lists(PIECES, max_size=8).map("".join), st.data())
@settings(max_examples=300, deadline=None)
def test_completions_parse(text, data):
    cursor = data.draw(st.integers(0, len(text)))
    names = ["metric.loss", "metric.f1 score", "param.a,b", "param.null", "metric.x y (z)"]
    texts = ["a,b", "x y", "null", "1_0", "(", "a..b", None]
    for completion in complete(
        text, cursor, names, lambda field: [("9f2c1aa", True)] if field.kind is Kind.CODE else texts
    ):
        assert completion.text in completion.applied(text)
        if completion.text.startswith(("metric.", "param.")):
            parse(f"has:{completion.text.removesuffix(')')}")
