// The maximum cost of function calls without their arguments.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <capstan/local/apiserver/schema/cel/cost_walk.hpp>

namespace capstan::apiserver::cel {
namespace {

constexpr double kPattern = 0.25;  // for each character of a regular expression
constexpr double kLongestFormat = 128;

template <std::size_t N>
bool IsListed(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 7> kLookAtAll = {"isSorted", "sum",         "max",     "min",
                                                        "indexOf",  "lastIndexOf", "includes"};
constexpr std::array<std::string_view, 4> kTextToText = {"lowerAscii", "upperAscii", "substring", "trim"};
constexpr std::array<std::string_view, 8> kParse = {"cidr",     "isIP",       "isCIDR", "ip",
                                                    "quantity", "isQuantity", "semver", "isSemver"};

std::uint64_t NaturalLiteral(const Expression& e, std::uint64_t otherwise) {
  const bool is = e.kind == Expression::Kind::kLiteral && e.value.kind == Value::Kind::kInt;
  return is ? static_cast<std::uint64_t>(std::max<std::int64_t>(e.value.whole, 0)) : otherwise;
}

std::uint64_t PatternCost(const Size& text, const Size& pattern) {
  return Times(Share(Plus(text.max, 1), kTraversal), Share(pattern.max, kPattern));
}

}  // namespace

// Functions of lists that return a list.
CostWalk::CallCost CostWalk::OfList(const Expression& e, const Expression& list) const {
  Size size = SizeOr(list);
  double factor = 1;
  if (e.name == "slice") {
    const std::uint64_t from = NaturalLiteral(*e.parts[1], 0), to = NaturalLiteral(*e.parts[2], size.max);
    size = {to - from, to - from};
  } else if (e.name == "lists.range") {
    const std::uint64_t count = NaturalLiteral(list, kUnlimited);
    size = {count, count};
  } else if (e.name == "flatten") {
    factor = e.parts.size() > 1 ? static_cast<double>(NaturalLiteral(*e.parts[1], kUnlimited)) : 1;
  } else if (e.name == "distinct" || e.name == "sort") {
    const Type type = TypeOf(list);
    const TypeKind kind = type.element ? type.element->kind : TypeKind::kDyn;
    const bool text = e.name == "sort" && (kind == TypeKind::kString || kind == TypeKind::kBytes);
    factor = text ? 2 + kTraversal : 2;
    size = {Times(size.min, size.min), Times(size.max, size.max)};
  }
  return {Plus(Share(size.max, factor), 1 + kNewList), size};
}

CostWalk::CallCost CostWalk::OfReplace(const Expression& text, const Expression& old,
                                       const Expression& fresh) const {
  const Size size = SizeOr(text), from = SizeOr(old), to = SizeOr(fresh);
  // The longest result: the smallest parts are replaced by the largest.
  std::uint64_t most = 0, least = 0, kept_most = 0, kept_least = 0;
  if (from.min == 0) {
    most = Plus(size.max, 1);
    kept_most = size.max;
  } else if (to.max <= from.min) {
    kept_most = size.max;
  } else {
    most = Share(size.max, 1.0 / static_cast<double>(from.min));
  }
  if (from.max == 0) {
    least = Plus(size.min, 1);
    kept_least = size.min;
  } else if (from.max <= to.min) {
    kept_least = size.min;
  } else {
    least = Share(size.min, 1.0 / static_cast<double>(from.max));
  }
  return {Share(size.max, 2 * kTraversal),
          Size{Plus(Times(least, to.min), kept_least), Plus(Times(most, to.max), kept_most)}};
}

// Methods of strings.
CostWalk::CallCost CostWalk::OfText(const Expression& e, const Expression& text,
                                    const std::vector<const Expression*>& rest) const {
  const Size size = SizeOr(text);
  if (IsListed(e.name, kTextToText)) return {Share(size.max, kTraversal), size};
  if (e.name == "format") return {Share(size.max, kTraversal)};
  if (e.name == "split") {
    const std::uint64_t most = rest.size() > 1 ? NaturalLiteral(*rest[1], size.max) : size.max;
    return {Share(size.max, 2 * kTraversal), Size{0, most}};
  }
  if (rest.empty()) return {};
  if (e.name == "startsWith" || e.name == "endsWith") return {Share(SizeOr(*rest[0]).max, kTraversal)};
  if (e.name == "contains")
    return {Times(Share(size.max, kTraversal), Share(SizeOr(*rest[0]).max, kTraversal))};
  if (e.name == "matches") return {PatternCost(size, SizeOr(*rest[0]))};
  if (e.name == "find" || e.name == "findAll")
    return {PatternCost(size, SizeOr(*rest[0])), Size{0, size.max}};
  if (e.name == "replace" && rest.size() >= 2) return OfReplace(text, *rest[0], *rest[1]);
  return {};
}

// URLs, addresses, quantities, versions, formats and sets. `arguments` excludes the receiver.
CostWalk::CallCost CostWalk::OfKinds(const Expression& e,
                                     const std::vector<const Expression*>& arguments) const {
  if (arguments.empty()) return {};
  const Size first = SizeOr(*arguments[0]);
  if (e.name == "url") return {Share(first.max, kTraversal), first};
  if (!e.method && IsListed(e.name, kParse)) return {Share(first.max, kTraversal)};
  if (e.name == "ip.isCanonical") return {Share(first.max, 2 * kTraversal)};
  const bool from_text =
      KindOf(*arguments[0]) == TypeKind::kString || KindOf(*arguments[0]) == TypeKind::kDyn;
  const std::uint64_t parsed = from_text ? Share(first.max, kTraversal) : 0;
  // Addresses have at most 16 bytes, and two of them are compared.
  if (e.name == "containsIP") return {Plus(4, parsed)};
  if (e.name == "containsCIDR") return {Plus(7, parsed)};
  if (e.name == "validate") return {Share(Share(first.max, kTraversal), kLongestFormat * kPattern)};
  if (e.name.rfind("sets.", 0) == 0 && arguments.size() == 2) {
    const std::uint64_t pairs = Times(first.max, SizeOr(*arguments[1]).max);
    return {Plus(Share(pairs, e.name == "sets.equivalent" ? 2 : 1), 1)};
  }
  const TypeKind kind = KindOf(*arguments[0]);
  if (e.name == "bytes" && (kind == TypeKind::kString || kind == TypeKind::kDyn))
    return {std::max<std::uint64_t>(Share(first.max, kTraversal), kind == TypeKind::kDyn ? 1 : 0),
            Size{first.min, Times(first.max, 4)}};
  if (e.name == "string" && (kind == TypeKind::kBytes || kind == TypeKind::kDyn))
    return {std::max<std::uint64_t>(Share(first.max, kTraversal), kind == TypeKind::kDyn ? 1 : 0),
            Size{first.min / 4, first.max}};
  if (e.name == "strings.quote")
    return {Share(first.max, kTraversal), Size{Plus(first.min, 2), Plus(Times(first.max, 2), 2)}};
  return {};
}

CostWalk::CallCost CostWalk::OfCall(const Expression& e) const {
  std::vector<const Expression*> arguments;
  for (std::size_t i = e.method ? 1 : 0; i < e.parts.size(); ++i) arguments.push_back(e.parts[i].get());
  if (e.name == "lists.range" && !arguments.empty()) return OfList(e, *arguments[0]);
  if (!e.method) return OfKinds(e, arguments);
  const Expression& receiver = *e.parts.front();
  const Type type = TypeOf(receiver);
  if (IsListed(e.name, kLookAtAll)) {
    const Size size = SizeOr(receiver);
    if (type.kind != TypeKind::kList) return {e.name == "includes" ? size.max : Share(size.max, kTraversal)};
    const TypeKind item = type.element ? type.element->kind : TypeKind::kDyn;
    std::uint64_t each = 1;
    if (item == TypeKind::kString || item == TypeKind::kBytes) {
      const auto place = PlaceOf(receiver);
      const auto text = place ? SizeAt(ItemsAt(*place)) : std::nullopt;
      each = Plus(each, Share(text.value_or(Size{}).max, kTraversal));
    }
    return {Times(size.max, each)};
  }
  if (e.name == "join") {
    const Size list = SizeOr(receiver);
    const auto place = PlaceOf(receiver);
    const Size text = (place ? SizeAt(ItemsAt(*place)) : std::nullopt).value_or(Size{});
    Size made = type.kind == TypeKind::kList ? Size{Times(list.min, text.min), Times(list.max, text.max)}
                                             : Size{0, 0};
    if (!arguments.empty()) {
      const Size separator = SizeOr(*arguments[0]);
      made.min = Plus(made.min, Times(separator.min, list.min > 0 ? list.min - 1 : 0));
      made.max = Plus(made.max, Times(separator.max, list.max > 0 ? list.max - 1 : 0));
    }
    return {Share(made.max, kTraversal), made};
  }
  constexpr std::array<std::string_view, 5> kMakeLists = {"slice", "flatten", "distinct", "sort", "reverse"};
  if (type.kind == TypeKind::kList && IsListed(e.name, kMakeLists)) return OfList(e, receiver);
  const CallCost of_kinds = OfKinds(e, arguments);
  const bool kinds = e.name == "containsIP" || e.name == "containsCIDR" || e.name == "validate";
  return kinds ? of_kinds : OfText(e, receiver, arguments);
}

}  // namespace capstan::apiserver::cel
