#include <capstan/core/json/yaml.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>

namespace capstan::json {
namespace {

// The tree as JSON, or the problem in the text.
std::string Read(std::string_view yaml, const YamlLimits& limits = {}) {
  const auto tree = ParseYaml(yaml, limits);
  return tree ? ToText(*tree) : tree.error().message;
}
std::string Scalar(const std::string& text) { return Read("[" + text + "]"); }

std::vector<std::string> Repeated(std::string_view yaml) {
  std::vector<std::string> found;
  const auto document = ReadYaml(yaml);
  EXPECT_TRUE(document) << document.error();
  for (const RepeatedKey& key : document->repeated) found.push_back(StrCat(key.path, " line ", key.line));
  return found;
}

TEST(Yaml, ReadsTheWordsOfYaml11AsBooleansAndNulls) {
  for (const char* word : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"})
    EXPECT_EQ(Scalar(word), "[true]") << word;
  for (const char* word : {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"})
    EXPECT_EQ(Scalar(word), "[false]") << word;
  for (const char* word : {"~", "null", "Null", "NULL"}) EXPECT_EQ(Scalar(word), "[null]") << word;
  EXPECT_EQ(Read("a:\nb: ''\n"), R"({"a":null,"b":""})");
  for (const char* word : {"tRUE", "yES", "nuLL", "yeah", "'yes'", "\"on\""})
    EXPECT_EQ(Scalar(word), "[\"" +
                                std::string(word[0] == '\''  ? "yes"
                                            : word[0] == '"' ? "on"
                                                             : word) +
                                "\"]");
}

TEST(Yaml, ReadsIntegersOfEveryBaseAsGoDoes) {
  EXPECT_EQ(Scalar("0, 12, +7, -3, -0, 1_000"), "[0,12,7,-3,0,1000]");
  EXPECT_EQ(Scalar("0644, 0o17, 0O17, -017, 00"), "[420,15,15,-15,0]");
  EXPECT_EQ(Scalar("0x1F, 0XfF, -0x10, 0b101, -0b11, 0B1"), "[31,255,-16,5,-3,1]");
  EXPECT_EQ(Scalar("9223372036854775807, -9223372036854775808, 18446744073709551615"),
            "[9223372036854775807,-9223372036854775808,18446744073709551615]");
  EXPECT_EQ(Scalar("089, 08"), "[89,8]");  // not octal, therefore decimal
  EXPECT_EQ(Scalar("0x, 0b, 0b2, 0xg, _1, +, -, 1-2"), R"(["0x","0b","0b2","0xg","_1","+","-","1-2"])");
}

TEST(Yaml, ReadsRealNumbersAndKeepsWholeOnesAsIntegers) {
  EXPECT_EQ(Scalar("1.5, -.5, +1.25, 1e-3, .5e1"), "[1.5,-0.5,1.25,0.001,5]");
  EXPECT_EQ(Scalar("1.0, 1., 1e3, 12e03, -0.0"), "[1,1,1000,12000,0]");
  EXPECT_EQ(Scalar("1e400, 1.2.3, 1e, e3, ., 1.5x"), R"(["1e400","1.2.3","1e","e3",".","1.5x"])");
  EXPECT_EQ(Read("a: .inf"), "yaml: line 1: .inf is no number that JSON can carry; quote it if it is text");
  EXPECT_EQ(Read("\na: -.Inf"),
            "yaml: line 2: -.Inf is no number that JSON can carry; quote it if it is text");
  EXPECT_EQ(Scalar("\".nan\""), R"([".nan"])");
}

TEST(Yaml, KeepsTimesAndEverythingElseAsText) {
  EXPECT_EQ(Scalar("2001-12-14, 2001-12-14t21:59:43.10-05:00, v1.30, a b, 190:20:30"),
            R"(["2001-12-14","2001-12-14t21:59:43.10-05:00","v1.30","a b","190:20:30"])");
}

TEST(Yaml, ObeysTags) {
  EXPECT_EQ(Scalar("!!str 12, !!str true, !!int \"5\", !!float 3, !!bool \"yes\", !!null ''"),
            R"(["12","true",5,3,true,null])");
  EXPECT_EQ(Scalar("!!binary aGVs bG8=, !mine 12, ! 12"), R"(["hello","12","12"])");
  EXPECT_EQ(Read("a: !!binary |\n  aGVs\n  bG8=\n"), R"({"a":"hello"})");
  EXPECT_EQ(Read("a: !!int x"), "yaml: line 1: cannot decode \"x\" as a !!int");
  EXPECT_EQ(Read("a: !!bool 1"), "yaml: line 1: cannot decode \"1\" as a !!bool");
  EXPECT_EQ(Read("a: !!binary '%'"), "yaml: line 1: !!binary value contains invalid base64 data");
}

TEST(Yaml, MakesTextOfKeysThatAreNumbersOrBooleans) {
  EXPECT_EQ(Read("{80: a, true: b, 0x10: c, 1.5: d, 'null': e}"),
            R"({"80":"a","true":"b","16":"c","1.5":"d","null":"e"})");
  EXPECT_EQ(Read("~: a"), "yaml: line 1: a key cannot be null: quote it if it is text");
  EXPECT_EQ(Read("a: 1\n? [b]\n: 2\n"),
            "yaml: line 2: a key cannot be a list or a mapping: quote it if it is text");
}

TEST(Yaml, MergesMappings) {
  EXPECT_EQ(Read("base: &base {a: 1, b: 2}\none:\n  <<: *base\n  b: 3\n"),
            R"({"base":{"a":1,"b":2},"one":{"a":1,"b":3}})");
  EXPECT_EQ(Read("p: &p {a: 1}\nq: &q {a: 2, c: 3}\none: {<<: [*p, *q], d: 4}\n"),
            R"({"p":{"a":1},"q":{"a":2,"c":3},"one":{"a":1,"c":3,"d":4}})");
  EXPECT_EQ(Read("one: {'<<': 1}"), R"({"one":{"<<":1}})");
  EXPECT_EQ(Read("one:\n  <<: 5"), "yaml: line 2: map merge requires map or sequence of maps as the value");
  EXPECT_EQ(Read("<<: [{a: 1}, 2]"), "yaml: line 1: map merge requires map or sequence of maps as the value");
}

TEST(Yaml, ReportsKeysThatAreGivenTwiceAndKeepsTheLast) {
  const char yaml[] = "spec:\n  size: 1\n  pools:\n  - {m: 1, m: 2}\n  size: 3\nspec2: {<<: {a: 1}, a: 2}\n";
  EXPECT_EQ(Read(yaml), R"({"spec":{"size":3,"pools":[{"m":2}]},"spec2":{"a":2}})");
  EXPECT_EQ(Repeated(yaml), (std::vector<std::string>{"spec.pools[0].m line 4", "spec.size line 5"}));
}

TEST(Yaml, ReportsAHundredRepeatedKeysAtMost) {
  std::string yaml;
  for (int i = 0; i < 500; ++i) yaml += "a: 1\n";
  EXPECT_EQ(Repeated(yaml).size(), 100U);
}

TEST(Yaml, RepeatsWhatAnAliasNames) {
  EXPECT_EQ(Read("a: &x [1, {b: &y 2}]\nc: *x\nd: *y\n"), R"({"a":[1,{"b":2}],"c":[1,{"b":2}],"d":2})");
  EXPECT_EQ(Read("a: *x"), "yaml: line 1: unknown anchor 'x' referenced");
  EXPECT_EQ(Read("a: &x [*x]"), "yaml: line 1: anchor 'x' value contains itself");
}

TEST(Yaml, RefusesADocumentOfFewLinesThatMeansBillionsOfNodes) {
  std::string bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string item = StrCat("*a", i - 1);
    bomb += StrCat("a", i, ": &a", i, " [", item);
    for (int k = 0; k < 9; ++k) bomb += "," + item;
    bomb += "]\n";
  }
  EXPECT_NE(Read(bomb).find("document contains excessive aliasing"), std::string::npos);
  // One long text, many times.
  std::string many = "a: &a " + std::string(1 << 20, 'x') + "\nb: [";
  for (int i = 0; i < 100; ++i) many += "*a,";
  EXPECT_NE(Read(many + "]").find("document contains excessive aliasing"), std::string::npos);
  // Anchors inside anchors.
  std::string nested;
  for (int i = 0; i < 90; ++i) nested += StrCat("&n", i, " [");
  nested += std::string(1 << 20, 'x') + std::string(90, ']');
  EXPECT_NE(Read(nested).find("document contains excessive aliasing"), std::string::npos);
}

TEST(Yaml, RefusesWhatIsNestedDeeperThanTheLimit) {
  EXPECT_EQ(Read("a: {b: {c: 1}}", {.depth = 3}), R"({"a":{"b":{"c":1}}})");
  const auto deep = ParseYaml("a: {b: {c: {d: 1}}}", {.depth = 3});
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().code, Code::kTooLarge);
  EXPECT_EQ(deep.error().message, "yaml: line 1: nested deeper than 3 levels");
  EXPECT_EQ(ParseYaml("a: &a {b: 1}\nc: [[*a]]", {.depth = 3}).error().code, Code::kTooLarge);
  EXPECT_EQ(ParseYaml(std::string(1 << 20, '['), {.depth = 1 << 30}).error().code, Code::kTooLarge);
}

TEST(Yaml, NamesTheLineOfWhatIsNoYaml) {
  EXPECT_EQ(Read("a: 1\nb: c: d\n"), "yaml: line 2: mapping values are not allowed in this context");
  EXPECT_EQ(Read("a: [").substr(0, 11), "yaml: line ");
  EXPECT_EQ(ParseYaml("a: [").error().code, Code::kInvalidArgument);
  EXPECT_EQ(Read(std::string("a: \x01")).substr(0, 13), "yaml: line 1:");
}

TEST(Yaml, ReadsTheFirstDocument) {
  EXPECT_EQ(Read(""), "null");
  EXPECT_EQ(Read("# nothing\n"), "null");
  EXPECT_EQ(Read("---\na: 1\n---\nb: 2\n"), R"({"a":1})");
  EXPECT_EQ(Read("%YAML 1.1\n---\n[1]\n"), "[1]");
  EXPECT_EQ(Read("{\"a\": [1, \"x\\u00e9\\n\"]}"), "{\"a\":[1,\"x\xC3\xA9\\n\"]}");  // JSON is YAML
}

TEST(Yaml, KnowsTheLineOfEveryNode) {
  const auto document = ReadYaml("a: 1\nb:\n- c: 2\n  d: [3]\n");
  ASSERT_TRUE(document) << document.error();
  const YamlNode* list = document->root.Find("b");
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list->line, 3U);
  ASSERT_EQ(list->items.size(), 1U);
  EXPECT_EQ(list->items[0].Find("d")->line, 4U);
  EXPECT_EQ(document->root.Find("none"), nullptr);
  EXPECT_EQ(list->Find("none"), nullptr);
}

TEST(Yaml, IsWrittenAsKubectlPrintsIt) {
  const auto tree = ParseTree(
      R"({"b":[{"n":1,"m":"x"},[]],"a":{"yes":"no","n":null,"t":"0644","z":1.5,"e":{},"s":"a: b","l":"one\ntwo\n"}})");
  ASSERT_TRUE(tree) << tree.error();
  EXPECT_EQ(ToYaml(*tree), R"(a:
  e: {}
  l: |
    one
    two
  "n": null
  s: 'a: b'
  t: "0644"
  "yes": "no"
  z: 1.5
b:
- m: x
  "n": 1
- []
)");
}

// Every text round-trips unchanged, whatever it contains: as a value, as a key and as an item.
void ExpectToComeBack(const std::string& text) {
  ObjectPtr object = MakeObject();
  ArrayPtr list = MakeArray();
  list->add(text);
  object->set(text, text);
  object->set("list " + text, list);
  object->set("end", 1);
  const std::string yaml = ToYaml(object);
  const auto again = ParseYaml(yaml);
  ASSERT_TRUE(again) << again.error() << "\n" << yaml;
  EXPECT_EQ(ToText(*again).size(), ToText(object).size()) << yaml;
  EXPECT_TRUE(Equal(*again, Tree(object))) << yaml;
}

TEST(Yaml, BringsBackTextsWithLineEndsAndSpecialCharacters) {
  for (const char* text : {"",
                           " ",
                           "\n",
                           "\n\n",
                           "a\n",
                           "a\n\n",
                           "\na",
                           "a\nb",
                           " a\nb",
                           "a \nb",
                           "a\n ",
                           "a\n b\n",
                           "\r",
                           "a\r",
                           "a\r\n",
                           "a\r\nb",
                           "\t",
                           "a\tb",
                           "a\n\tb",
                           "#",
                           "a #b",
                           "# a\nb",
                           "- a",
                           "-",
                           "?",
                           ":",
                           "a:",
                           ": a",
                           "{",
                           "[a",
                           "&a",
                           "*a",
                           "!a",
                           "|",
                           ">",
                           "%a",
                           "@a",
                           "`a",
                           "'",
                           "\"",
                           "'a'",
                           "\"a\"",
                           "\\",
                           "\\n",
                           ",",
                           "---",
                           "...",
                           "--- a",
                           "---\na",
                           "a\n---\nb",
                           "<<",
                           "=",
                           "~",
                           "null",
                           "yes",
                           "y",
                           "0644",
                           "1_0",
                           "12:30",
                           "1.0",
                           ".5",
                           ".inf",
                           "2001-01-01",
                           "\xC2\x85",
                           "a\xC2\x85"
                           "b\n",
                           "\xE2\x80\xA8",
                           "a\n\xE2\x80\xA9",
                           "\xEF\xBB\xBF",
                           "\xEF\xBB\xBF"
                           "a\n",
                           "\x7F",
                           "\x01\x02",
                           "\x1B[0m\n",
                           "\xC3\xA9\xF0\x9F\x98\x80",
                           "\xF0\x9F\x98\x80\n"}) {
    ExpectToComeBack(text);
  }
  ExpectToComeBack(std::string("a\0b\n", 4));
  ExpectToComeBack(std::string(300, 'k') + " " + std::string(300, 'v'));
  ExpectToComeBack(std::string(200, 'k') + "\n" + std::string(200, ' ') + "v\n\n");
}

TEST(Yaml, BringsBackAnyTextOfAwkwardPieces) {
  const std::vector<std::string> pieces = {
      "\n",       "\n",           " ",        "a", "- ", ": ", "#", "\r", "\t", "'",   "\"", "\\", "|",
      "\xC2\x85", "\xE2\x80\xA8", "\xC3\xA9", "!", "{",  "]",  "0", ".",  "%",  "\x01"};
  std::uint32_t seed = 1;
  const auto next = [&seed](std::size_t below) {
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % below;
  };
  for (int round = 0; round < 4000 && !::testing::Test::HasFailure(); ++round) {
    std::string text;
    for (std::size_t i = 0, length = 1 + next(9); i < length; ++i) text += pieces[next(pieces.size())];
    ExpectToComeBack(text);
  }
}

TEST(Yaml, WritesBytesThatAreNoUtf8AsReplacementCharacters) {
  EXPECT_EQ(Read(ToYaml(Tree(std::string("a\xFF"
                                         "b")))),
            "\"a\xEF\xBF\xBD"
            "b\"");
}

// Zeros before it make it a real number, which is written without point and exponent.
TEST(Yaml, BringsBackARealNumberBeyondInt64) {
  const auto tree = ParseYaml("00011580151242505162219");
  ASSERT_TRUE(tree) << tree.error();
  EXPECT_EQ(ToText(*tree), "11580151242505163000");
  const auto again = ParseYaml(ToYaml(*tree));
  ASSERT_TRUE(again) << again.error();
  EXPECT_TRUE(Equal(*tree, *again)) << ToYaml(*tree);
}

TEST(Yaml, BringsBackNumbersExactly) {
  const char text[] =
      R"([9223372036854775807,18446744073709551615,-9223372036854775808,0.1,1e300,-2.5e-7,true,null])";
  const auto tree = ParseTree(text);
  ASSERT_TRUE(tree) << tree.error();
  const auto again = ParseYaml(ToYaml(*tree));
  ASSERT_TRUE(again) << again.error();
  EXPECT_TRUE(Equal(*tree, *again)) << ToYaml(*tree);
}

}  // namespace
}  // namespace capstan::json
