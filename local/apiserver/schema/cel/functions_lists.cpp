// Functions of lists and sets.
#include <algorithm>
#include <unordered_set>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>

namespace capstan::apiserver::cel {
namespace {

Result<std::vector<Value>> ItemsOf(const Value& list, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(meter.Charge(SizeOf(list)));
  CAPSTAN_RETURN_IF_ERROR(meter.Take(SizeOf(list) * sizeof(Value)));
  std::vector<Value> items;
  for (std::size_t i = 0; i < SizeOf(list); ++i) {
    CAPSTAN_TRY(Value item, ItemAt(list, i, meter));
    items.push_back(std::move(item));
  }
  return items;
}

Result<Value> SearchList(const Arguments& a, bool last, Meter& meter) {
  std::int64_t found = -1;
  for (std::size_t i = 0; i < SizeOf(a[0]) && (last || found < 0); ++i) {
    CAPSTAN_TRY(const Value item, ItemAt(a[0], i, meter));
    CAPSTAN_TRY(const bool same, Same(item, a[1], meter));
    if (same) found = static_cast<std::int64_t>(i);
  }
  return Int(found);
}
Result<Value> IndexInList(const Arguments& a, Meter& meter) { return SearchList(a, false, meter); }
Result<Value> LastIndexInList(const Arguments& a, Meter& meter) { return SearchList(a, true, meter); }

Result<Value> Sum(const Arguments& a, Meter& meter) {
  if (SizeOf(a[0]) == 0) return Int(0);
  CAPSTAN_TRY(Value sum, ItemAt(a[0], 0, meter));
  for (std::size_t i = 1; i < SizeOf(a[0]); ++i) {
    CAPSTAN_RETURN_IF_ERROR(meter.Charge(1));
    CAPSTAN_TRY(const Value item, ItemAt(a[0], i, meter));
    CAPSTAN_TRY(sum, CallOperator("_+_", {sum, item}, meter));
  }
  return sum;
}

Result<Value> Extreme(const Arguments& a, const char* name, int wanted, Meter& meter) {
  if (SizeOf(a[0]) == 0) return Bad(StrCat(name, " called on empty list"));
  CAPSTAN_TRY(Value best, ItemAt(a[0], 0, meter));
  for (std::size_t i = 1; i < SizeOf(a[0]); ++i) {
    CAPSTAN_TRY(Value item, ItemAt(a[0], i, meter));
    CAPSTAN_RETURN_IF_ERROR(meter.ChargeText(std::min(item.text.size(), best.text.size())));
    const auto order = Order(item, best);
    if (!order) return NoOverload();
    if (*order * wanted > 0) best = std::move(item);
  }
  return best;
}
Result<Value> Min(const Arguments& a, Meter& meter) { return Extreme(a, "min", -1, meter); }
Result<Value> Max(const Arguments& a, Meter& meter) { return Extreme(a, "max", 1, meter); }

Result<Value> IsSorted(const Arguments& a, Meter& meter) {
  for (std::size_t i = 1; i < SizeOf(a[0]); ++i) {
    CAPSTAN_TRY(const Value before, ItemAt(a[0], i - 1, meter));
    CAPSTAN_TRY(const Value here, ItemAt(a[0], i, meter));
    CAPSTAN_RETURN_IF_ERROR(meter.ChargeText(std::min(before.text.size(), here.text.size())));
    const auto order = Order(before, here);
    if (!order) return NoOverload();
    if (*order > 0) return Bool(false);
  }
  return Bool(true);
}

Result<Value> Distinct(const Arguments& a, Meter& meter) {
  std::unordered_set<std::string> seen;
  std::vector<Value> kept;
  for (std::size_t i = 0; i < SizeOf(a[0]); ++i) {
    CAPSTAN_TRY(Value item, ItemAt(a[0], i, meter));
    CAPSTAN_TRY(std::string key, KeyText(item, meter));
    if (seen.insert(std::move(key)).second) kept.push_back(std::move(item));
  }
  return MakeList(std::move(kept), meter);
}

Result<Value> Reverse(const Arguments& a, Meter& meter) {
  CAPSTAN_TRY(std::vector<Value> items, ItemsOf(a[0], meter));
  std::reverse(items.begin(), items.end());
  return List(std::move(items));
}

Result<Value> Slice(const Arguments& a, Meter& meter) {
  const auto size = static_cast<std::int64_t>(SizeOf(a[0]));
  const std::int64_t from = a[1].whole, to = a[2].whole;
  if (from < 0 || to < 0)
    return Bad(StrCat("cannot slice(", from, ", ", to, "), negative indexes not supported"));
  if (from > to)
    return Bad(
        StrCat("cannot slice(", from, ", ", to, "), start index must be less than or equal to end index"));
  if (to > size) return Bad(StrCat("cannot slice(", from, ", ", to, "), list is length ", size));
  CAPSTAN_RETURN_IF_ERROR(meter.Charge(static_cast<std::size_t>(to - from)));
  std::vector<Value> items;
  for (std::int64_t i = from; i < to; ++i) {
    CAPSTAN_TRY(Value item, ItemAt(a[0], static_cast<std::size_t>(i), meter));
    items.push_back(std::move(item));
  }
  return MakeList(std::move(items), meter);
}

Result<Value> Sort(const Arguments& a, Meter& meter) {
  CAPSTAN_TRY(std::vector<Value> items, ItemsOf(a[0], meter));
  // The number of comparisons of a sort, each charged at the longest text.
  std::size_t levels = 1, longest = 0;
  for (std::size_t size = items.size(); size > 1; size /= 2) ++levels;
  for (const Value& item : items) longest = std::max(longest, item.text.size());
  CAPSTAN_RETURN_IF_ERROR(meter.Charge(items.size() * levels * (longest / 10 + 1)));
  for (const Value& item : items) {
    if (!Order(items.front(), item) || item.kind != items.front().kind)
      return Bad("list elements must have the same type");
  }
  std::stable_sort(items.begin(), items.end(),
                   [](const Value& x, const Value& y) { return Order(x, y) == -1; });
  return List(std::move(items));
}

Status AddFlat(const Value& list, std::int64_t depth, std::vector<Value>& flat, Meter& meter) {
  for (std::size_t i = 0; i < SizeOf(list); ++i) {
    CAPSTAN_RETURN_IF_ERROR(meter.Charge(1));
    CAPSTAN_RETURN_IF_ERROR(meter.Take(sizeof(Value)));
    CAPSTAN_TRY(Value item, ItemAt(list, i, meter));
    if (item.kind == Kind::kList && depth > 0) {
      CAPSTAN_RETURN_IF_ERROR(AddFlat(item, depth - 1, flat, meter));
    } else {
      flat.push_back(std::move(item));
    }
  }
  return {};
}

Result<Value> Flatten(const Arguments& a, Meter& meter) {
  const std::int64_t depth = a.size() > 1 ? a[1].whole : 1;
  if (depth < 0) return Bad("level must be non-negative");
  std::vector<Value> flat;
  CAPSTAN_RETURN_IF_ERROR(AddFlat(a[0], depth, flat, meter));
  return List(std::move(flat));
}

Result<Value> Range(const Arguments& a, Meter& meter) {
  const std::int64_t size = std::max<std::int64_t>(a[0].whole, 0);
  CAPSTAN_RETURN_IF_ERROR(meter.Charge(static_cast<std::size_t>(size)));
  CAPSTAN_RETURN_IF_ERROR(meter.Take(static_cast<std::size_t>(size) * sizeof(Value)));
  std::vector<Value> items;
  for (std::int64_t i = 0; i < size; ++i) items.push_back(Int(i));
  return List(std::move(items));
}

Result<Value> First(const Arguments& a, Meter& meter) {
  if (SizeOf(a[0]) == 0) return None();
  CAPSTAN_TRY(Value item, ItemAt(a[0], 0, meter));
  return Some(std::move(item));
}
Result<Value> Last(const Arguments& a, Meter& meter) {
  if (SizeOf(a[0]) == 0) return None();
  CAPSTAN_TRY(Value item, ItemAt(a[0], SizeOf(a[0]) - 1, meter));
  return Some(std::move(item));
}

Result<std::unordered_set<std::string>> KeySet(const Value& list, Meter& meter) {
  std::unordered_set<std::string> keys;
  for (std::size_t i = 0; i < SizeOf(list); ++i) {
    CAPSTAN_TRY(const Value item, ItemAt(list, i, meter));
    CAPSTAN_TRY(std::string key, KeyText(item, meter));
    keys.insert(std::move(key));
  }
  return keys;
}

Result<Value> SetContains(const Arguments& a, Meter& meter) {
  CAPSTAN_TRY(const auto whole, KeySet(a[0], meter));
  CAPSTAN_TRY(const auto part, KeySet(a[1], meter));
  return Bool(
      std::all_of(part.begin(), part.end(), [&](const std::string& key) { return whole.count(key) != 0; }));
}
Result<Value> SetsEquivalent(const Arguments& a, Meter& meter) {
  CAPSTAN_TRY(const auto left, KeySet(a[0], meter));
  CAPSTAN_TRY(const auto right, KeySet(a[1], meter));
  return Bool(left == right);
}
Result<Value> SetsIntersect(const Arguments& a, Meter& meter) {
  CAPSTAN_TRY(const auto left, KeySet(a[0], meter));
  CAPSTAN_TRY(const auto right, KeySet(a[1], meter));
  return Bool(
      std::any_of(right.begin(), right.end(), [&](const std::string& key) { return left.count(key) != 0; }));
}

}  // namespace

std::vector<Function> ListFunctions() {
  return {
      {"indexOf", true, "le", 'i', IndexInList},
      {"lastIndexOf", true, "le", 'i', LastIndexInList},
      {"isSorted", true, "c", 'b', IsSorted},
      {"sum", true, "n", 'E', Sum},
      {"min", true, "c", 'E', Min},
      {"max", true, "c", 'E', Max},
      {"distinct", true, "l", 'R', Distinct},
      {"reverse", true, "l", 'R', Reverse},
      {"slice", true, "lii", 'R', Slice},
      {"sort", true, "c", 'R', Sort},
      {"flatten", true, "loi", 'f', Flatten},
      {"lists.range", false, "i", 'l', Range},
      {"first", true, "l", 'P', First},
      {"last", true, "l", 'P', Last},
      {"sets.contains", false, "lL", 'b', SetContains},
      {"sets.equivalent", false, "lL", 'b', SetsEquivalent},
      {"sets.intersects", false, "lL", 'b', SetsIntersect},
  };
}

}  // namespace capstan::apiserver::cel
