#include <capstan/local/apiserver/schema/cel/kinds.hpp>

#include <capstan/local/apiserver/schema/cel/functions.hpp>

namespace capstan::apiserver::cel {
namespace {

Result<Value> CompareTo(const Arguments& a, Meter&) { return Int(OrderOfKinds(a[0], a[1]).value_or(0)); }
Result<Value> IsLess(const Arguments& a, Meter&) { return Bool(OrderOfKinds(a[0], a[1]) == -1); }
Result<Value> IsGreater(const Arguments& a, Meter&) { return Bool(OrderOfKinds(a[0], a[1]) == 1); }

}  // namespace

std::optional<int> OrderOfKinds(const Value& a, const Value& b) {
  if (a.kind != b.kind) return std::nullopt;
  if (a.kind == Kind::kQuantity) return OrderOfQuantities(a, b);
  if (a.kind == Kind::kSemver) return OrderOfVersions(a, b);
  return std::nullopt;
}

std::vector<Function> KindFunctions() {
  std::vector<Function> all = {
      {"compareTo", true, "QQ", 'i', CompareTo},     {"isLessThan", true, "QQ", 'b', IsLess},
      {"isGreaterThan", true, "QQ", 'b', IsGreater}, {"compareTo", true, "VV", 'i', CompareTo},
      {"isLessThan", true, "VV", 'b', IsLess},       {"isGreaterThan", true, "VV", 'b', IsGreater},
  };
  for (const auto& part :
       {AddressFunctions(), QuantityFunctions(), VersionFunctions(), UrlFunctions(), FormatFunctions()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace capstan::apiserver::cel
