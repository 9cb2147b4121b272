// Patterns, formats, JSONPath of columns, times in CEL.
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/schema/cel/value.hpp>
#include <capstan/local/apiserver/schema/format.hpp>
#include <capstan/local/apiserver/schema/pattern/pattern.hpp>
#include <capstan/local/apiserver/table/json_path.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {
namespace {

using namespace apiserver;

constexpr char kDocument[] = R"({"a":[{"b":1,"type":"Ready","status":"True"},{"b":2}],"c":{"d":{"a":1}}})";
constexpr const char* kFormats[] = {
    "date",  "date-time",  "duration",     "byte",           "email",        "uri",
    "ipv4",  "ipv6",       "cidr",         "uuid",           "hostname",     "mac",
    "isbn",  "hexcolor",   "rgbcolor",     "password",       "ssn",          "int32",
    "uuid4", "creditcard", "bsonobjectid", "k8s-short-name", "k8s-long-name"};

}  // namespace

void FuzzPatterns(std::string_view bytes) {
  Input input(bytes);
  const std::string one = input.Piece(), two = input.Piece();
  if (const auto pattern = Pattern::Compile(one)) {
    (void)(*pattern)->Matches(two);
    std::string much;
    for (int i = 0; i < 200; ++i) much += two.empty() ? "a" : two.substr(0, 4);
    (void)(*pattern)->Matches(much);
  }
  const auto path = JsonPath::Parse(one);
  const auto tree = json::ParseTree(two.empty() ? std::string(kDocument) : two, 100);
  if (path && tree) {
    for (const auto& found : path->Find(*tree)) (void)json::ToText(found);
  }
  (void)HasFormat(one, two);
  for (const char* format : kFormats) (void)HasFormat(format, one);
  (void)cel::ParseTimestamp(one);
  (void)cel::ParseDuration(one);
}

}  // namespace capstan::fuzz
