// CEL rules: a rule that compiles evaluates to the same result twice, within its cost limit and
// within seconds.
#include <chrono>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/schema/cel/meter.hpp>
#include <capstan/local/apiserver/schema/cel/program.hpp>
#include <capstan/local/apiserver/schema/compiled.hpp>
#include <capstan/local/apiserver/schema/node.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {
namespace {

using namespace apiserver;

constexpr char kSchema[] =
    R"({"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{)"
    R"("i":{"type":"integer","format":"int64"},"n":{"type":"number"},"s":{"type":"string"},"b":{"type":"boolean"},)"
    R"("l":{"type":"array","items":{"type":"integer"}},)"
    R"("ls":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},)"
    R"("m":{"type":"object","additionalProperties":{"type":"string"}},)"
    R"("d":{"x-kubernetes-preserve-unknown-fields":true,"type":"object"},"x":{"x-kubernetes-int-or-string":true},)"
    R"("t":{"type":"string","format":"date-time"},"u":{"type":"string","format":"duration"},)"
    R"("y":{"type":"string","format":"byte"},)"
    R"("o":{"type":"object","properties":{"p":{"type":"string"},"kind-x":{"type":"string"},"in":{"type":"integer"}}},)"
    R"("lo":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object",)"
    R"("required":["k"],"properties":{"k":{"type":"string"},"v":{"type":"integer"}}}}}})";
constexpr char kValue[] =
    R"({"i":5,"n":1.5,"s":"héllo wörld","b":true,"l":[3,1,2,9223372036854775807,-9223372036854775808],)"
    R"("ls":["a","b"],"m":{"a":"1","b":"2"},"d":{"z":[1,"a",null,{"q":1.5}],"u":18446744073709551615},"x":"3",)"
    R"("t":"2026-01-01T00:00:00.5Z","u":"1h2m3.5s","y":"aGk=","o":{"p":"p","kind-x":"k","in":3},)"
    R"("lo":[{"k":"a","v":1},{"k":"b","v":-2}]})";

const CompiledSchema& Schema() {
  static const CompileOutcome outcome = CompileSchema(*json::ParseObject(kSchema), "schema");
  CAPSTAN_MUST(outcome.schema != nullptr, "the schema of this test");
  return *outcome.schema;
}

}  // namespace

void FuzzCel(std::string_view bytes) {
  Input input(bytes);
  const std::string rule = input.Piece(), text = input.Piece();
  const auto tree = json::ParseObject(text.empty() ? kValue : text, 100);
  if (!tree) return;
  const json::Tree self(*tree);
  const json::Tree old = json::Clone(self);
  using Wanted = cel::Program::Wanted;
  for (const Wanted wanted : {Wanted::kRule, Wanted::kMessage}) {
    const auto program = cel::Program::Compile(rule, Schema().root(), false, wanted);
    if (!program) continue;
    const auto began = std::chrono::steady_clock::now();
    std::int64_t cost = cel::kRuleCost, again = cel::kRuleCost;
    cel::Meter meter(cost, nullptr), second(again, nullptr);
    if (wanted == Wanted::kRule) {
      const auto one = (*program)->EvaluateRule(self, &old, meter);
      const auto two = (*program)->EvaluateRule(self, &old, second);
      CAPSTAN_MUST(one.has_value() == two.has_value() && (!one || *one == *two), rule);
    } else {
      (void)(*program)->EvaluateMessage(self, &old, meter);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    CAPSTAN_MUST(took.count() < 20, StrCat("cost left ", cost, ": ", rule));
  }
}

}  // namespace capstan::fuzz
