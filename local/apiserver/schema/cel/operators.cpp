// Arithmetic, comparison and membership.
#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>

namespace capstan::apiserver::cel {
namespace {

Result<Value> Whole(std::string_view name, const Value& a, const Value& b) {
  std::int64_t result = 0;
  bool overflow = false;
  if (name == "_+_") {
    overflow = __builtin_add_overflow(a.whole, b.whole, &result);
  } else if (name == "_-_") {
    overflow = __builtin_sub_overflow(a.whole, b.whole, &result);
  } else if (name == "_*_") {
    overflow = __builtin_mul_overflow(a.whole, b.whole, &result);
  } else {
    if (b.whole == 0) return Bad(name == "_/_" ? "division by zero" : "modulus by zero");
    overflow = a.whole == std::numeric_limits<std::int64_t>::min() && b.whole == -1;
    if (!overflow) result = name == "_/_" ? a.whole / b.whole : a.whole % b.whole;
  }
  return overflow ? Result<Value>(Overflow(Kind::kInt)) : Int(result);
}

Result<Value> Natural(std::string_view name, const Value& a, const Value& b) {
  std::uint64_t result = 0;
  bool overflow = false;
  if (name == "_+_") {
    overflow = __builtin_add_overflow(a.natural, b.natural, &result);
  } else if (name == "_-_") {
    overflow = __builtin_sub_overflow(a.natural, b.natural, &result);
  } else if (name == "_*_") {
    overflow = __builtin_mul_overflow(a.natural, b.natural, &result);
  } else {
    if (b.natural == 0) return Bad(name == "_/_" ? "division by zero" : "modulus by zero");
    result = name == "_/_" ? a.natural / b.natural : a.natural % b.natural;
  }
  return overflow ? Result<Value>(Overflow(Kind::kUint)) : Uint(result);
}

// a + b. The sum of lists that are sets or maps has no duplicates: an existing item is replaced,
// not added.
Result<Value> JoinLists(const Value& a, const Value& b, Meter& meter) {
  const bool keyed = a.node && (a.node->list_type == "set" || a.node->list_type == "map");
  CAPSTAN_RETURN_IF_ERROR(meter.Charge(SizeOf(a) + SizeOf(b)));
  CAPSTAN_RETURN_IF_ERROR(meter.Take((SizeOf(a) + SizeOf(b)) * sizeof(Value)));
  std::vector<Value> items;
  std::unordered_map<std::string, std::size_t> places;
  const auto add = [&](const Value& list) -> Status {
    for (std::size_t i = 0; i < SizeOf(list); ++i) {
      CAPSTAN_TRY(Value item, ItemAt(list, i, meter));
      if (keyed) {
        CAPSTAN_TRY(std::string identity, IdentityText(a.node, item, meter));
        const auto [there, fresh] = places.emplace(std::move(identity), items.size());
        if (!fresh) {
          items[there->second] = std::move(item);
          continue;
        }
      }
      items.push_back(std::move(item));
    }
    return {};
  };
  CAPSTAN_RETURN_IF_ERROR(add(a));
  CAPSTAN_RETURN_IF_ERROR(add(b));
  Value joined = List(std::move(items));
  if (keyed) joined.node = a.node;
  return joined;
}

Result<Value> Arithmetic(std::string_view name, const Value& a, const Value& b, Meter& meter) {
  if (a.kind == Kind::kInt && b.kind == Kind::kInt) return Whole(name, a, b);
  if (a.kind == Kind::kUint && b.kind == Kind::kUint) return Natural(name, a, b);
  if (a.kind == Kind::kDouble && b.kind == Kind::kDouble && name != "_%_") {
    if (name == "_+_") return Double(a.real + b.real);
    if (name == "_-_") return Double(a.real - b.real);
    return Double(name == "_*_" ? a.real * b.real : a.real / b.real);
  }
  if (name == "_+_" && a.kind == b.kind && (a.kind == Kind::kString || a.kind == Kind::kBytes)) {
    CAPSTAN_RETURN_IF_ERROR(meter.ChargeText(a.text.size() + b.text.size()));
    CAPSTAN_RETURN_IF_ERROR(meter.Take(a.text.size() + b.text.size()));
    return TextOfKind(a.kind, StrCat(a.text, b.text));
  }
  if (name == "_+_" && a.kind == Kind::kList && b.kind == Kind::kList) return JoinLists(a, b, meter);
  const bool times = (a.kind == Kind::kTimestamp || a.kind == Kind::kDuration) &&
                     (b.kind == Kind::kTimestamp || b.kind == Kind::kDuration);
  if (!times || (name != "_+_" && name != "_-_")) return NoOverload();
  const bool both = a.kind == Kind::kTimestamp && b.kind == Kind::kTimestamp;
  if (both && name == "_+_") return NoOverload();
  CAPSTAN_TRY(Value result, Whole(name, a, b));
  const bool point = !both && (a.kind == Kind::kTimestamp || b.kind == Kind::kTimestamp);
  result.kind = point ? Kind::kTimestamp : Kind::kDuration;
  return result;
}

Result<Value> Compared(std::string_view name, const Value& a, const Value& b) {
  const auto order = Order(a, b);
  if (!order) return a.IsNumber() && b.IsNumber() ? Result<Value>(Bool(false)) : NoOverload();
  if (name == "_<_") return Bool(*order < 0);
  if (name == "_<=_") return Bool(*order <= 0);
  return Bool(name == "_>_" ? *order > 0 : *order >= 0);
}

Result<Value> In(const Value& item, const Value& in, Meter& meter) {
  if (in.kind == Kind::kMap) {
    CAPSTAN_TRY(const auto found, LookUp(in, item, meter));
    return Bool(found.has_value());
  }
  if (in.kind != Kind::kList) return NoOverload();
  for (std::size_t i = 0; i < SizeOf(in); ++i) {
    CAPSTAN_TRY(const Value one, ItemAt(in, i, meter));
    CAPSTAN_TRY(const bool same, Same(one, item, meter));
    if (same) return Bool(true);
  }
  return Bool(false);
}

Result<Value> Negated(const Value& value) {
  if (value.kind == Kind::kDouble) return Double(-value.real);
  if (value.kind != Kind::kInt && value.kind != Kind::kDuration) return NoOverload();
  if (value.whole == std::numeric_limits<std::int64_t>::min()) return Overflow(Kind::kInt);
  Value negated = value;
  negated.whole = -value.whole;
  return negated;
}

}  // namespace

Result<Value> CallOperator(std::string_view name, const Arguments& arguments, Meter& meter) {
  const Value& first = arguments.front();
  if (name == "!_") return first.kind == Kind::kBool ? Result<Value>(Bool(!first.truth)) : NoOverload();
  if (name == "-_") return Negated(first);
  if (arguments.size() != 2) return NoOverload();
  const Value& second = arguments[1];
  if (name == "_==_" || name == "_!=_") {
    CAPSTAN_TRY(const bool same, Same(first, second, meter));
    return Bool(same == (name == "_==_"));
  }
  if (name == "@in") return In(first, second, meter);
  if (name == "_<_" || name == "_<=_" || name == "_>_" || name == "_>=_") {
    CAPSTAN_RETURN_IF_ERROR(meter.ChargeText(std::min(first.text.size(), second.text.size())));
    return Compared(name, first, second);
  }
  return Arithmetic(name, first, second, meter);
}

}  // namespace capstan::apiserver::cel
