#include <capstan/local/apiserver/schema/cel/program.hpp>

#include <capstan/local/apiserver/schema/cel/meter.hpp>

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/compiled.hpp>
#include <capstan/local/apiserver/schema/node.hpp>
#include <capstan/local/apiserver/testing/parse_testing.hpp>

namespace capstan::apiserver {
namespace {

constexpr const char* kSchema = R"({"type":"object","properties":{
  "s":{"type":"string"},"i":{"type":"integer"},"n":{"type":"number"},"b":{"type":"boolean"},
  "l":{"type":"array","items":{"type":"string"}},"m":{"type":"object","additionalProperties":{"type":"integer"}},
  "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
  "pools":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},"count":{"type":"integer"}}}},
  "o":{"type":"object","properties":{"x-y":{"type":"string"},"a__b":{"type":"integer"},"in":{"type":"integer"},"while":{"type":"integer"},"namespace":{"type":"string"}}},
  "day":{"type":"string","format":"date"},"raw":{"type":"string","format":"byte"},
  "keyed":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],
    "items":{"type":"object","properties":{"k":{"type":"string"},"v":{"type":"integer"}}}},
  "t":{"type":"string","format":"date-time"},"d":{"type":"string","format":"duration"},"any":{"x-kubernetes-int-or-string":true}}})";

class Cel : public ::testing::Test {
 protected:
  // "true", "false", or the error message.
  std::string Judge(std::string_view rule, std::string_view object = "{}", std::string_view old = "") {
    auto program = cel::Program::Compile(rule, *schema_, false, cel::Program::Wanted::kRule);
    if (!program) return program.error().message;
    const json::Tree self = Parse(object), old_self = old.empty() ? json::Tree() : json::Tree(Parse(old));
    cost_ = budget_;
    cel::Meter meter(cost_, &cancellation_);
    const auto answer = (*program)->EvaluateRule(self, old.empty() ? nullptr : &old_self, meter);
    bytes_ = meter.bytes();
    if (!answer) return "error: " + answer.error().message;
    return *answer ? "true" : "false";
  }
  std::vector<FieldError> problems_;
  std::shared_ptr<SchemaNode> schema_ = ParseSchema(Parse(kSchema), "f", problems_);
  std::int64_t cost_ = 0;
  std::size_t bytes_ = 0;
  Cancellation cancellation_;
  std::int64_t budget_ = cel::kRuleCost;
};

TEST_F(Cel, EvaluatesLiteralsOperatorsAndPrecedence) {
  for (const char* rule : {"1 + 2 * 3 == 7",
                           "(1 + 2) * 3 == 9",
                           "7 / 2 == 3 && 7 % 2 == 1 && -7 / 2 == -3",
                           "1.5 + 1.5 == 3.0",
                           "!(1 > 2) || false",
                           "true ? true : false",
                           "1 < 1.5",
                           "0x10 == 16",
                           "5u > 4u",
                           "'a' + \"b\" == 'ab'",
                           "r'\\d' == '\\\\d'",
                           "'\\u00e9' == 'é'",
                           "[1, 2] + [3] == [1, 2, 3]",
                           "{'a': 1}['a'] == 1",
                           "{'a': 1}.a == 1",
                           "2 in [1, 2]",
                           "'a' in {'a': 1}",
                           "null == null",
                           "'''a\nb''' == 'a\\nb'",
                           "- 3 < 0 // a remark",
                           "dyn(1) == dyn(1.0)",
                           "1 == 1 ? 'a' == 'a' : false"}) {
    EXPECT_EQ(Judge(rule), "true") << rule;
  }
}

TEST_F(Cel, ReadsTheObject) {
  const char* object =
      R"({"s":"abc","i":5,"l":["x","y"],"m":{"k":1},"pools":[{"name":"a","count":1},{"name":"b","count":3}],"o":{"x-y":"z","namespace":"n"}})";
  for (const char* rule :
       {"self.s == 'abc'", "has(self.s) && !has(self.b)", "self.i + 1 == 6", "self.l[1] == 'y'",
        "self.m['k'] == 1 && self.m.k == 1", "self.l.size() == 2 && size(self.s) == 3",
        "self.pools.all(p, p.count > 0)", "self.pools.exists(p, p.name == 'b')",
        "self.pools.exists_one(p, p.count == 3)", "self.pools.map(p, p.name) == ['a', 'b']",
        "self.pools.filter(p, p.count > 1).size() == 1", "self.pools.map(p, p.count > 1, p.name) == ['b']",
        "self.m.all(k, self.m[k] == 1)", "self.o.x__dash__y == 'z'", "self.o.__namespace__ == 'n'",
        "'x' in self.l", "!has(self.m.nothing)", "self.pools.map(p, p.count).sum() == 4",
        "self.pools.map(p, p.count).max() == 3"}) {
    EXPECT_EQ(Judge(rule, object), "true") << rule;
  }
}

TEST_F(Cel, SupportsStringFunctions) {
  for (const char* rule :
       {"'hello'.startsWith('he') && 'hello'.endsWith('lo') && 'hello'.contains('ell')",
        "'a1'.matches('^[a-z][0-9]$')", "!'A'.matches('[a-z]')",
        "'AbC'.lowerAscii() == 'abc' && 'AbC'.upperAscii() == 'ABC'", "' a '.trim() == 'a'",
        "'a,b,c'.split(',') == ['a','b','c']", "'a,b,c'.split(',', 2) == ['a','b,c']",
        "['a','b'].join('-') == 'a-b'", "'banana'.indexOf('an') == 1 && 'banana'.lastIndexOf('an') == 3",
        "'héllo'.substring(1, 3) == 'él'", "'héllo'.size() == 5", "'abc'.charAt(1) == 'b'",
        "'aaa'.replace('a', 'b', 2) == 'bba'",
        "int('42') == 42 && string(42) == '42' && double('1.5') == 1.5", "[1, 2, 2].isSorted()",
        "''.split('').size() == 0"}) {
    EXPECT_EQ(Judge(rule), "true") << rule;
  }
}

TEST_F(Cel, ComparesTimesAndDurations) {
  EXPECT_EQ(Judge("self.t > timestamp('2020-01-01T00:00:00Z')", R"({"t":"2021-01-01T00:00:00Z"})"), "true");
  EXPECT_EQ(Judge("self.d <= duration('1h') && self.d == duration('90s')", R"({"d":"1m30s"})"), "true");
  EXPECT_EQ(Judge("timestamp('2020-01-01T01:00:00+01:00') == timestamp('2020-01-01T00:00:00Z')"), "true");
  EXPECT_EQ(Judge("timestamp('2020-01-01T01:00:00Z') - timestamp('2020-01-01T00:00:00Z') == duration('1h')"),
            "true");
}

TEST_F(Cel, ComparesWithTheOldObject) {
  EXPECT_EQ(Judge("self.s == oldSelf.s", R"({"s":"a"})", R"({"s":"a"})"), "true");
  EXPECT_EQ(Judge("has(self.s) == has(oldSelf.s)", R"({})", R"({"s":"a"})"), "false");
  EXPECT_EQ(Judge("self.set == oldSelf.set", R"({"set":["a","b"]})", R"({"set":["b","a"]})"), "true");
  EXPECT_EQ(Judge("self.l == oldSelf.l", R"({"l":["a","b"]})", R"({"l":["b","a"]})"), "false");
}

TEST_F(Cel, FindsFieldsOnlyByTheirEscapedNames) {
  const char* object = R"({"o":{"a__b":1,"in":2,"x-y":"z"}})";
  EXPECT_EQ(Judge("self.o.a__underscores__b == 1 && self.o.__in__ == 2", object), "true");
  EXPECT_EQ(
      Judge("self.o.a__b == 1", object),
      "compilation failed: ERROR: <input>:1:7: undefined field 'a__b'\n | self.o.a__b == 1\n | ......^");
  EXPECT_EQ(Judge("self.o.namespace == 'n' && self.o.__while__ == 3", R"({"o":{"namespace":"n","while":3}})"),
            "true");
  EXPECT_NE(Judge("self.o.in == 2", object).find("1:8: Syntax error"), std::string::npos);
  EXPECT_NE(Judge("self.o.true == 2", object).find("1:8: Syntax error"), std::string::npos);
  EXPECT_NE(Judge("if == 1").find("1:1: reserved identifier: if"), std::string::npos);
}

TEST_F(Cel, TreatsADeclaredNullFieldAsAbsent) {
  EXPECT_EQ(Judge("has(self.i)", R"({"i":null})"), "false");
  EXPECT_EQ(Judge("self.i == 1", R"({"i":null})"), "error: no such key: i");
}

TEST_F(Cel, ReadsDatesAndBytesByTheirFormat) {
  EXPECT_EQ(Judge("self.day < timestamp('2026-01-01T00:00:00Z')", R"({"day":"2025-12-31"})"), "true");
  EXPECT_EQ(Judge("self.raw == b'a' && self.raw.size() == 1", R"({"raw":"YQ=="})"), "true");
  EXPECT_NE(Judge("self.raw == 'YQ=='").find("'(bytes, string)'"), std::string::npos);
  EXPECT_EQ(
      Judge("string(self.t) == '2025-01-01T01:30:00.5+01:00'", R"({"t":"2025-01-01T01:30:00.500+01:00"})"),
      "true");
}

TEST_F(Cel, AddsOnlyNewItemsToSetsAndMaps) {
  EXPECT_EQ(Judge("(self.set + ['b', 'c']).size() == 3 && self.set + ['c'] == ['c', 'b', 'a']",
                  R"({"set":["a","b"]})"),
            "true");
  EXPECT_EQ(Judge("(self.keyed + self.keyed).size() == 1", R"({"keyed":[{"k":"a","v":1}]})"), "true");
  EXPECT_EQ(Judge("(self.l + self.l).size() == 2", R"({"l":["a"]})"), "true");
}

TEST_F(Cel, CountsAndSearchesAsItsStringLibraryDoes) {
  for (const char* rule :
       {"'ab'.indexOf('b', 9) == -1", "'ab'.indexOf('', 9) == 2", "'ab'.lastIndexOf('b', 2) == -1",
        "'abab'.lastIndexOf('b', 2) == 1", "'ab'.lastIndexOf('') == 2", "'ab'.replace('', '-') == '-a-b-'",
        "'ab'.replace('', '-', 1) == '-ab'", "'\u00a0a\u2003'.trim() == 'a'", "int('+1') == 1",
        "'\\101' == 'A'", "b'\\xff'.size() == 1", "b'\\377' == b'\\xff'", "{1: 'a', 1: 'b'} == {1: 'b'}",
        "{'a': 1,}.size() == 1"}) {
    EXPECT_EQ(Judge(rule), "true") << rule;
  }
  EXPECT_EQ(Judge("'ab'.indexOf('b', -1) == 0"), "error: index out of range: -1");
  EXPECT_EQ(Judge("uint('+1') == 1u"),
            "program instantiation failed: type conversion error from 'string' to 'uint'");
}

TEST_F(Cel, LetsEitherSideOfALogicalOperatorDecide) {
  EXPECT_EQ(Judge("self.s == 'x' || true"), "true");
  EXPECT_EQ(Judge("false && self.s == 'x'"), "false");
  EXPECT_EQ(Judge("self.s == 'x' && true"), "error: no such key: s");
  EXPECT_EQ(Judge("['a', 'b'].exists(x, x == 'b' || self.s == x)"), "true");
}

TEST_F(Cel, ReportsEvaluationErrors) {
  EXPECT_EQ(Judge("self.m['x'] == 1", R"({"m":{}})"), "error: no such key: x");
  EXPECT_EQ(Judge("self.l[0] == 'x'", R"({"l":[]})"), "error: index out of bounds: 0");
  EXPECT_EQ(Judge("10 / self.i > 1", R"({"i":0})"), "error: division by zero");
  EXPECT_EQ(Judge("self.i + 9223372036854775807 > 0", R"({"i":1})"), "error: integer overflow");
  EXPECT_EQ(Judge("self.any + 1 == 2", R"({"any":"x"})"), "error: no such overload");
}

TEST_F(Cel, ReportsTypeErrorsInKubernetesWords) {
  const std::pair<const char*, const char*> rows[] = {
      {"self.x == 1", "1:5: undefined field 'x'\n | self.x == 1\n | ....^"},
      {"has(self.x)", "1:4: undefined field 'x'\n | has(self.x)\n | ...^"},
      {"self.s.foo == 1",
       "1:7: type 'string' does not support field selection\n | self.s.foo == 1\n | ......^"},
      {"self.s == 1",
       "1:8: found no matching overload for '_==_' applied to '(string, int)'\n | self.s == 1\n | .......^"},
      {"sel == 1", "1:1: undeclared reference to 'sel' (in container '')\n | sel == 1\n | ^"},
      {"foo(self.s)", "1:4: undeclared reference to 'foo' (in container '')\n | foo(self.s)\n | ...^"},
      {"self.s.isURL()",
       "1:13: found no matching overload for 'isURL' applied to 'string.()'\n | self.s.isURL()\n | "
       "............^"},
      {"self.s.startsWith(1)",
       "1:18: found no matching overload for 'startsWith' applied to 'string.(int)'\n | "
       "self.s.startsWith(1)\n | .................^"},
      {"size(1) == 1",
       "1:5: found no matching overload for 'size' applied to '(int)'\n | size(1) == 1\n | ....^"},
      {"self.s in [1]",
       "1:8: found no matching overload for '@in' applied to '(string, list(int))'\n | self.s in [1]\n | "
       ".......^"},
      {"self.s && true", "1:5: expected type 'bool' but found 'string'\n | self.s && true\n | ....^"},
      {"[1, 'a'].size() > 0",
       "1:5: expected type 'int' but found 'string'\n | [1, 'a'].size() > 0\n | ....^"},
      {"1 == 1.0",
       "1:3: found no matching overload for '_==_' applied to '(int, double)'\n | 1 == 1.0\n | ..^"},
      {"self.s.matches('([')",
       "1:16: invalid matches argument\n | self.s.matches('([')\n | ...............^"},
      {"self.s ==",
       "1:10: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', "
       "'false', "
       "'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | self.s ==\n | .........^"},
      {"(true", "1:6: Syntax error: missing ')' at '<EOF>'\n | (true\n | .....^"},
      {"true)", "1:5: Syntax error: extraneous input ')' expecting <EOF>\n | true)\n | ....^"},
      {"true ? 1", "1:9: Syntax error: mismatched input '<EOF>' expecting ':'\n | true ? 1\n | ........^"},
      {"true &&\n sel", "2:2: undeclared reference to 'sel' (in container '')\n |  sel\n | .^"},
      {"'abc", "1:1: Syntax error: a string does not end\n | 'abc\n | ^"},
      {"self.s # 1", "1:8: Syntax error: token recognition error at: '#'\n | self.s # 1\n | .......^"},
  };
  for (const auto& [rule, said] : rows)
    EXPECT_EQ(Judge(rule), StrCat("compilation failed: ERROR: <input>:", said)) << rule;
  for (const char* rule :
       {"self.l.sum() == 'a'", "self.pools.min().count == 1", "self.pools.isSorted()", "self.o == {'in': 1}",
        "self.o == self.pools[0]", "self.l[0u] == 'a'", "self.l[0.0] == 'a'", "self.l.indexOf(1) == 0"}) {
    EXPECT_NE(Judge(rule).find("found no matching overload"), std::string::npos) << rule;
  }
  EXPECT_NE(Judge("self.s == '\\ud800'").find("invalid unicode code point"), std::string::npos);
  EXPECT_EQ(Judge("int('x') == 1"),
            "program instantiation failed: type conversion error from 'string' to 'int'");
  EXPECT_EQ(Judge("self.s"), "cel expression must evaluate to a bool");
}

TEST_F(Cel, SaysAllThatIsWrongInTheOrderOfTheText) {
  EXPECT_EQ(
      Judge("self.x == 1 || foo == self.y"),
      "compilation failed: ERROR: <input>:1:5: undefined field 'x'\n | self.x == 1 || foo == self.y\n | "
      "....^\n"
      "ERROR: <input>:1:16: undeclared reference to 'foo' (in container '')\n | self.x == 1 || foo == "
      "self.y\n | ...............^\n"
      "ERROR: <input>:1:27: undefined field 'y'\n | self.x == 1 || foo == self.y\n | "
      "..........................^");
  EXPECT_EQ(Judge("foo.sign(1)"),
            "compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | "
            "foo.sign(1)\n | ^\n"
            "ERROR: <input>:1:9: found no matching overload for 'sign' applied to '!error!.(int)'\n | "
            "foo.sign(1)\n | ........^");
  EXPECT_EQ(Judge("self.s.matches('([') && foo").find("invalid matches"), std::string::npos)
      << "a value is judged where everything has its type";
}

TEST_F(Cel, RefusesToCallAnOperatorByItsName) {
  for (const char* rule : {"_x()", "self._x()", "_onith('a') == 'a'", "_x(dyn(1), 2) == 3", "_()",
                           "self.s.split(_onith('a'))", "__(1, 2, 3) == 1"}) {
    EXPECT_THAT(Judge(rule), testing::HasSubstr("undeclared reference to '_")) << rule;
  }
}

TEST_F(Cel, StopsAtItsCostLimit) {
  budget_ = 20'000;
  std::string list = "\"a\"";
  for (int i = 0; i < 200; ++i) list += ",\"a\"";
  EXPECT_EQ(Judge("self.l.all(x, self.l.all(y, x == y))", StrCat(R"({"l":[)", list, "]}")),
            "error: operation cancelled: actual cost limit exceeded");
  EXPECT_LT(cost_, 0);
}

// A list of `count` strings.
std::string Texts(int count, const std::string& text = "a") {
  std::string list;
  for (int i = 0; i < count; ++i) list += StrCat(i == 0 ? "\"" : ",\"", text, "\"");
  return "[" + list + "]";
}

TEST_F(Cel, SharesStringsInsteadOfCopyingThem) {
  const std::string object = StrCat(R"({"s":")", std::string(500'000, 'x'), R"(","l":)", Texts(6'000), "}");
  EXPECT_EQ(Judge("self.l.map(a, self.s).size() > 0", object), "true");
  EXPECT_LT(bytes_, 2u << 20);
  EXPECT_EQ(Judge("self.s.split('').size() == 500000", object),
            "error: operation cancelled: actual cost limit exceeded");
  EXPECT_LE(bytes_, cel::kRuleBytes);
}

TEST_F(Cel, ChargesBeforeItCreatesAString) {
  const std::string exceeded = "error: operation cancelled: actual cost limit exceeded";
  const std::string object = StrCat(R"({"s":")", std::string(100'000, 'x'), R"(","l":)", Texts(20'000), "}");
  for (const char* rule :
       {"self.l.join(self.s).size() > 0", "self.s.replace('x', self.s).size() > 0",
        "self.s.replace('', self.s).size() > 0", "self.l.map(a, self.s + self.s).size() > 0",
        "self.l.map(a, self.s.upperAscii()).size() > 0",
        "self.l.map(a, '%s%s'.format([self.s, self.s])).size() > 0",
        "self.l.map(a, self.l).flatten().size() > 0", "self.l.all(a, (self.l + self.l).size() > 0)"}) {
    EXPECT_EQ(Judge(rule, object), exceeded) << rule;
    EXPECT_LE(bytes_, cel::kRuleBytes) << rule;
  }
}

TEST_F(Cel, ChargesEveryArgumentByItsSize) {
  const std::string exceeded = "error: operation cancelled: actual cost limit exceeded";
  const std::string object = StrCat(R"({"s":")", std::string(100'000, 'x'), R"(","l":)", Texts(2'000), "}");
  for (const char* rule :
       {"self.l.all(a, 'x'.indexOf(self.s) < 0)", "self.l.all(a, !'x'.contains(self.s))",
        "self.l.all(a, 'x'.startsWith(self.s) == false)", "self.l.all(a, self.s in [self.s])",
        "self.l.all(a, self.s == self.s)", "self.l.all(a, self.s <= self.s)",
        "self.l.all(a, size(self.s) > 0)", "self.l.all(a, !'x'.matches(self.s))",
        "self.l.all(a, self.l == self.l)", "self.l.all(a, sets.contains(self.l, self.l))",
        "self.l.all(a, self.l.distinct().size() > 0)"}) {
    EXPECT_EQ(Judge(rule, object), exceeded) << rule;
  }
}

TEST_F(Cel, FindsAKeyOfAWideMapInOneStep) {
  std::string map;
  for (int i = 0; i < 20'000; ++i) map += StrCat(i == 0 ? "\"k" : ",\"k", i, "\":1");
  EXPECT_EQ(Judge("self.m.all(k, self.m[k] == 1)", StrCat(R"({"m":{)", map, "}}")), "true");
  EXPECT_GT(cost_, cel::kRuleCost - 20 * 20'000);
}

TEST_F(Cel, ComparesSetsInLinearTime) {
  std::string one, other;
  for (int i = 0; i < 10'000; ++i) {
    one += StrCat(i == 0 ? "\"" : ",\"", i, "\"");
    other += StrCat(i == 0 ? "\"" : ",\"", 9'999 - i, "\"");
  }
  EXPECT_EQ(
      Judge("self.set == oldSelf.set", StrCat(R"({"set":[)", one, "]}"), StrCat(R"({"set":[)", other, "]}")),
      "true");
  EXPECT_GT(cost_, cel::kRuleCost - 10 * 10'000);
}

TEST_F(Cel, StopsWhenTheClientIsGone) {
  int asked = 0;
  cancellation_ = Cancellation([&asked] { return ++asked == 2; });
  EXPECT_EQ(Judge("self.l.all(x, self.l.all(y, x == y))", StrCat(R"({"l":)", Texts(500), "}")),
            "error: operation cancelled: the client is gone");
  EXPECT_EQ(asked, 2);
}

TEST_F(Cel, SupportsTheLibraryOfKubernetes) {
  for (const char* rule : {
           "'ab12'.find('[0-9]+') == '12' && 'a1b2'.findAll('[0-9]') == ['1', '2'] && "
           "'a1b2'.findAll('[0-9]', 1) == ['1']",
           "'%s is %d, %.2f, %x, %b'.format([dyn('a'), 3, 1.5, 255, 5]) == 'a is 3, 1.50, ff, 101'",
           "strings.quote('a\"b') == '\"a\\\\\"b\"'",
           "[3, 1, 2].sort() == [1, 2, 3] && [1, 2, 3].reverse() == [3, 2, 1] && [1, 1, 2].distinct() == [1, "
           "2]",
           "[1, 2, 3].slice(1, 3) == [2, 3] && [[1], [2]].flatten() == [1, 2] && lists.range(3) == [0, 1, 2]",
           "[1].first().value() == 1 && ![].last().hasValue() && ['bb', 'a'].sortBy(x, x.size()) == ['a', "
           "'bb']",
           "sets.contains([1, 2], [2]) && sets.equivalent([1, 2], [2, 1, 1]) && !sets.intersects([1], [2])",
           "isURL('https://a.b:80/c?d=e') && url('https://a.b:80/c?d=e').getHost() == 'a.b:80'",
           "url('https://a.b:80/c?d=e').getPort() == '80' && url('https://a/?d=e&d=f').getQuery()['d'] == "
           "['e', 'f']",
           "!isURL('a b') && url('https://[::1]:80/').getHostname() == '::1'",
           "isIP('1.2.3.4') && isIP('::1') && !isIP('1.2.3') && ip('::1').family() == 6 && "
           "ip('127.0.0.1').isLoopback()",
           "ip.isCanonical('::1') && !ip.isCanonical('0:0:0:0:0:0:0:1') && ip('8.8.8.8').isGlobalUnicast()",
           "cidr('10.0.0.0/8').containsIP('10.1.2.3') && cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')",
           "cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && cidr('10.0.0.0/8').prefixLength() == 8",
           "string(ip('1.2.3.4')) == '1.2.3.4' && string(cidr('10.0.0.0/8')) == '10.0.0.0/8' && "
           "!isCIDR('1.2.3.4')",
           "quantity('1Gi').isGreaterThan(quantity('1G')) && "
           "quantity('1.5').add(1).compareTo(quantity('2500m')) == 0",
           "sign(quantity('-1k')) == -1 && sign(quantity('0')) == 0 && sign(quantity('1m')) == 1",
           "quantity('1k').asInteger() == 1000 && !quantity('1m').isInteger() && !isQuantity('1 Gi')",
           "quantity('1000m') == quantity('1') && quantity('2').sub(quantity('500m')).asApproximateFloat() "
           "== 1.5",
           "semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.2.3-a').isLessThan(semver('1.2.3'))",
           "isSemver('1.2.3') && !isSemver('1.2') && isSemver('v1.2', true) && semver('1.2.3').minor() == 2",
           "!format.dns1123Label().validate('a-b').hasValue() && "
           "format.dns1123Label().validate('A').hasValue()",
           "format.named('uuid').hasValue() && !format.named('x').hasValue()",
           "optional.of(1).orValue(2) == 1 && optional.none().orValue(2) == 2 && optional.ofNonZeroValue('') "
           "== optional.none()",
           "self.?s.orValue('none') == 'none' && self.?o.?while.hasValue() == false && [1][?5].orValue(7) == "
           "7",
           "{'a': 1}[?'a'].optMap(x, x + 1) == optional.of(2) && {?'a': optional.none(), 'b': 1} == {'b': 1}",
           "[?optional.of(1), ?optional.none(), 2] == [1, 2]",
           "[optional.of(1), optional.none(), optional.of(3)].unwrapOpt() == [1, 3] && "
           "optional.unwrap([optional.of('a')]) == ['a'] && optional.unwrap([]) == []",
           "[5, 6].all(i, v, v == i + 5) && {'a': 1}.exists(k, v, k == 'a' && v == 1) && {'a': "
           "1}.existsOne(k, v, v == 1)",
           "[1, 2].transformList(i, v, v * 2) == [2, 4] && [1, 2].transformList(i, v, i > 0, v) == [2]",
           "{'a': 1}.transformMap(k, v, v + 1) == {'a': 2} && {'a': 1}.transformMapEntry(k, v, {v: k}) == "
           "{1: 'a'}",
           "type(1) == int && type('a') == string && type([]) == list && type(null) == null_type && "
           "type(int) == type",
           "timestamp('2020-02-03T04:05:06.007Z').getFullYear() == 2020",
           "type(timestamp('2020-02-03T04:05:06Z')) == google.protobuf.Timestamp",
           "timestamp('2020-02-03T04:05:06Z').getMonth() == 1 && timestamp('2020-02-03T04:05:06Z').getDate() "
           "== 3",
           "timestamp('2020-02-03T04:05:06Z').getHours('+02:00') == 6 && "
           "timestamp('2020-02-03T04:05:06Z').getDayOfWeek() == 1",
           "timestamp('2020-02-03T04:05:06Z').getHours('America/New_York') == 23 && "
           "timestamp('2020-07-03T04:05:06Z').getHours('America/New_York') == 0",
           "duration('1h30m').getMinutes() == 90 && duration('1500ms').getMilliseconds() == 1500",
           "bool('true') && bytes('a') == b'a' && int(timestamp('1970-01-01T00:00:10Z')) == 10",
       }) {
    EXPECT_EQ(Judge(rule), "true") << rule;
  }
  for (const char* rule : {"math.abs(1) == 1", "cel.bind(x, 1, x == 1)", "[1].existsOne(x, x == 1)"})
    EXPECT_NE(Judge(rule).find("undeclared reference"), std::string::npos) << rule;
}

TEST_F(Cel, RefusesExpressionsThatAreTooDeepOrTooLarge) {
  EXPECT_NE(Judge(std::string(500, '(') + "true" + std::string(500, ')')).find("nested too deep"),
            std::string::npos);
  EXPECT_NE(Judge(std::string(500, '!') + "true").find("nested too deep"), std::string::npos);
  std::string chain = "true";
  for (int i = 0; i < 3000; ++i) chain += "&&true";
  EXPECT_NE(Judge(chain).find("too large"), std::string::npos);
  EXPECT_NE(Judge(std::string(30'000, ' ') + "true").find("longer than"), std::string::npos);
}

}  // namespace
}  // namespace capstan::apiserver
