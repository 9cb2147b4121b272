#include <capstan/local/apiserver/schema/cel/cost.hpp>

#include <algorithm>
#include <utility>

#include <capstan/local/apiserver/schema/cel/cost_walk.hpp>

namespace capstan::apiserver::cel {
namespace {

bool IsScalar(const Type& type) {
  if (type.kind == TypeKind::kOptional) return type.element && IsScalar(*type.element);
  return type.kind == TypeKind::kBool || type.kind == TypeKind::kDouble || type.kind == TypeKind::kDuration ||
         type.kind == TypeKind::kInt || type.kind == TypeKind::kTimestamp || type.kind == TypeKind::kUint;
}

std::optional<Size> LiteralSize(const Expression& e) {
  const auto fixed = [](std::size_t size) { return Size{size, size}; };
  if (e.kind == Node::kList) return fixed(e.parts.size());
  if (e.kind == Node::kMap) return fixed(e.parts.size() / 2);
  if (e.kind != Node::kLiteral) return std::nullopt;
  if (e.value.kind == Value::Kind::kString || e.value.kind == Value::Kind::kBytes)
    return fixed(cel::SizeOf(e.value));
  return fixed(1);
}

}  // namespace

Type CostWalk::TypeOf(const Expression& e) const {
  const auto found = types_.find(&e);
  return found == types_.end() ? Type{} : found->second;
}
TypeKind CostWalk::KindOf(const Expression& e) const { return TypeOf(e).kind; }

const CostWalk::Local* CostWalk::FindLocal(const std::string& name) const {
  const auto found =
      std::find_if(locals_.rbegin(), locals_.rend(), [&](const Local& local) { return local.name == name; });
  return found == locals_.rend() ? nullptr : &*found;
}

std::optional<Place> CostWalk::PlaceOf(const Expression& e) const {
  if (e.kind == Node::kName) {
    if (const Local* local = FindLocal(e.name)) return local->place;
  }
  const auto found = places_.find(&e);
  return found == places_.end() ? std::nullopt : std::optional<Place>(found->second);
}

std::optional<Size> CostWalk::SizeOf(const Expression& e) const {
  if (const auto found = sizes_.find(&e); found != sizes_.end()) return found->second;
  if (const auto literal = LiteralSize(e)) return literal;
  if (const auto place = PlaceOf(e)) {
    if (const auto size = SizeAt(*place)) return size;
  }
  if (IsScalar(TypeOf(e))) return Size{1, 1};
  const Local* local = e.kind == Node::kName ? FindLocal(e.name) : nullptr;
  return local ? local->size : std::nullopt;
}

std::optional<CostWalk::Entries> CostWalk::EntriesOf(const Expression& e) const {
  if (const auto found = entries_.find(&e); found != entries_.end()) return found->second;
  const Local* local = e.kind == Node::kName ? FindLocal(e.name) : nullptr;
  return local ? local->entries : std::nullopt;
}

std::uint64_t CostWalk::Name(const Expression& e) {
  if (!FindLocal(e.name)) places_[&e] = self_;
  return 1;
}

std::uint64_t CostWalk::Select(const Expression& e) {
  const Expression& from = *e.parts.front();
  const std::uint64_t cost = Cost(from);
  if (e.test) return cost;
  if (e.optional) return Plus(cost, 1);
  const auto place = PlaceOf(from);
  places_[&e] = place ? FieldAt(*place, e.name) : self_;
  const TypeKind kind = KindOf(from);
  return kind == TypeKind::kMap || kind == TypeKind::kObject ? Plus(cost, 1) : cost;
}

std::uint64_t CostWalk::Index(const Expression& e) {
  const Expression& from = *e.parts[0];
  const std::uint64_t cost = Plus(1, Plus(Cost(from), Cost(*e.parts[1])));
  if (e.optional || KindOf(from) == TypeKind::kOptional) return cost;
  if (const auto entries = EntriesOf(from)) sizes_[&e] = entries->value;
  places_[&e] = Step(PlaceOf(from), &ItemsAt);
  return cost;
}

std::uint64_t CostWalk::ListLiteral(const Expression& e) {
  std::uint64_t cost = kNewList;
  Size item{e.parts.empty() ? 0 : kUnlimited, 0};
  for (const auto& part : e.parts) {
    cost = Plus(cost, Cost(*part));
    item = Union(item, SizeOr(*part));
  }
  entries_[&e] = {true, {1, 1}, item};
  return cost;
}

std::uint64_t CostWalk::MapLiteral(const Expression& e) {
  std::uint64_t cost = kNewMap;
  Size sizes[2] = {{e.parts.empty() ? 0 : kUnlimited, 0}, {e.parts.empty() ? 0 : kUnlimited, 0}};
  for (std::size_t i = 0; i < e.parts.size(); ++i) {
    cost = Plus(cost, Cost(*e.parts[i]));
    sizes[i % 2] = Union(sizes[i % 2], SizeOr(*e.parts[i]));
  }
  entries_[&e] = {false, sizes[0], sizes[1]};
  return cost;
}

void CostWalk::PushLoopNames(const Expression& e, const Expression& range) {
  const auto entries = EntriesOf(range);
  const auto place = PlaceOf(range);
  const bool list = entries ? entries->list : KindOf(range) == TypeKind::kList;
  const auto push = [&](const std::string& name, bool key) {
    const auto size = !entries ? std::nullopt : std::optional<Size>(key ? entries->key : entries->value);
    // The size of an index is unknown.
    const Place at = key && list && place ? Place{} : Step(place, key ? &KeysAt : &ItemsAt);
    locals_.push_back({name, at, size, std::nullopt});
  };
  if (e.second.empty()) return push(e.variable, !list);
  push(e.variable, true);
  push(e.second, false);
}

// A loop is a fold: an initial value, then a condition and a step for each iteration, and the
// result.
std::uint64_t CostWalk::Loop(const Expression& e) {
  if (e.name == "optMap" || e.name == "optFlatMap") return OptionalLoop(e);
  if (e.name == "sortBy") return SortLoop(e);
  const Expression& range = *e.parts.front();
  std::uint64_t cost = Cost(range);
  const std::size_t before = locals_.size();
  PushLoopNames(e, range);
  std::vector<std::uint64_t> parts;
  for (std::size_t i = 1; i < e.parts.size(); ++i) parts.push_back(Cost(*e.parts[i]));
  const Size turns = SizeOr(range);
  std::uint64_t start = 0, turn = parts.back(), end = 1;
  if (e.name == "all") {
    turn = Plus(turn, 3);
  } else if (e.name == "exists") {
    turn = Plus(turn, 4);
  } else if (e.name == "exists_one" || e.name == "existsOne") {
    turn = Plus(turn, 2);
    end = 2;
  } else if (e.name == "filter") {
    start = kNewList;
    turn = Plus(turn, 3 + kNewList);
  } else if (e.name == "transformMap" || e.name == "transformMapEntry") {
    start = kNewMap;
    turn = Plus(turn, e.name == "transformMap" ? 3 : 2);
  } else {
    start = kNewList;
    turn = Plus(turn, 2 + kNewList);
  }
  if (parts.size() == 2) turn = Plus(turn, parts.front());
  if (start == 0) {
    sizes_[&e] = {1, 1};
  } else {
    sizes_[&e] = turns;
    Size item{0, 0};
    if (e.name == "filter") {
      Expression name;
      name.kind = Node::kName;
      name.name = e.variable;
      item = Union(item, SizeOr(name));
    } else {
      item = Union(item, SizeOr(*e.parts.back()));
    }
    if (start == kNewList) entries_[&e] = {true, {1, 1}, item};
  }
  locals_.resize(before);
  return Plus(Plus(cost, Plus(start, end)), Times(turns.max, turn));
}

// x.optMap(v, f): a test, and a binding of the value in x.
std::uint64_t CostWalk::OptionalLoop(const Expression& e) {
  const Expression& range = *e.parts.front();
  const std::uint64_t from = Cost(range);
  locals_.push_back({e.variable, std::nullopt, std::nullopt, std::nullopt});
  const std::uint64_t made = Cost(*e.parts[1]);
  locals_.pop_back();
  const std::uint64_t bound = Plus(Plus(Plus(from, 1), kNewList), made);
  const std::uint64_t inside = e.name == "optMap" ? Plus(bound, 1) : bound;
  return Plus(Plus(from, 1), inside);
}

// l.sortBy(v, f): a binding of l, a map to its keys, and a sort by them.
std::uint64_t CostWalk::SortLoop(const Expression& e) {
  const Expression& range = *e.parts.front();
  const std::uint64_t from = Cost(range);
  const std::size_t before = locals_.size();
  PushLoopNames(e, range);
  const std::uint64_t key = Cost(*e.parts[1]);
  const TypeKind kind = KindOf(*e.parts[1]);
  locals_.resize(before);
  const Size items = SizeOr(range);
  const std::uint64_t mapped = Plus(kNewList + 2, Times(items.max, Plus(key, 2 + kNewList)));
  const double factor = kind == TypeKind::kString || kind == TypeKind::kBytes ? 2 + kTraversal : 2;
  const std::uint64_t sorted = Plus(Share(Times(items.max, items.max), factor), 1 + kNewList);
  sizes_[&e] = items;
  return Plus(Plus(Plus(from, kNewList), 1), Plus(mapped, sorted));
}

std::uint64_t CostWalk::Conditional(const Expression& e) {
  const std::uint64_t condition = Cost(*e.parts[0]), yes = Cost(*e.parts[1]), no = Cost(*e.parts[2]);
  sizes_[&e] = Union(SizeOr(*e.parts[1]), SizeOr(*e.parts[2]));
  const auto a = EntriesOf(*e.parts[1]), b = EntriesOf(*e.parts[2]);
  if (a && b) entries_[&e] = {a->list, Union(a->key, b->key), Union(a->value, b->value)};
  return Plus(condition, std::max(yes, no));
}

// a + b: sizes add up.
std::uint64_t CostWalk::Sum(const Expression& e, std::uint64_t arguments) {
  const Size a = SizeOr(*e.parts[0]), b = SizeOr(*e.parts[1]);
  const Size sum{Plus(a.min, b.min), Plus(a.max, b.max)};
  const auto may = [&](TypeKind kind) {
    const TypeKind x = KindOf(*e.parts[0]), y = KindOf(*e.parts[1]);
    return (x == kind || x == TypeKind::kDyn) && (y == kind || y == TypeKind::kDyn);
  };
  const bool text = may(TypeKind::kString) || may(TypeKind::kBytes), list = may(TypeKind::kList);
  if (text || list) {
    sizes_[&e] = sum;
    const auto x = EntriesOf(*e.parts[0]), y = EntriesOf(*e.parts[1]);
    if (x && y) entries_[&e] = {x->list, Union(x->key, y->key), Union(x->value, y->value)};
  }
  const std::uint64_t cost = text ? Share(sum.max, kTraversal) : 1;
  return Plus(list ? std::max<std::uint64_t>(cost, 1) : cost, arguments);
}

CostWalk::CallCost CostWalk::Comparison(const Expression& e) const {
  const bool equality = e.name == "_==_" || e.name == "_!=_";
  const TypeKind a = KindOf(*e.parts[0]), b = KindOf(*e.parts[1]);
  const auto text = [](TypeKind kind) {
    return kind == TypeKind::kString || kind == TypeKind::kBytes || kind == TypeKind::kDyn;
  };
  if (!equality && (!text(a) || !text(b))) return {};
  if (e.name == "_==_" && a == b) {
    if (a == TypeKind::kIp || a == TypeKind::kCidr || a == TypeKind::kQuantity || a == TypeKind::kSemver)
      return {};
    if (a == TypeKind::kFormat) return {7};
    if (a == TypeKind::kUrl) return {Share(SizeOf(*e.parts[1]).value_or(Size{1, 1}).max, kTraversal)};
  }
  const std::uint64_t smaller = std::min(SizeOr(*e.parts[0]).max, SizeOr(*e.parts[1]).max);
  const bool others = !equality && (a == TypeKind::kDyn || b == TypeKind::kDyn);
  const std::uint64_t cost = Share(smaller, kTraversal);
  return {others ? std::max<std::uint64_t>(cost, 1) : cost};
}

std::uint64_t CostWalk::Operator(const Expression& e) {
  if (e.name == "_?_:_") return Conditional(e);
  std::uint64_t arguments = 0;
  for (const auto& part : e.parts) arguments = Plus(arguments, Cost(*part));
  if (e.name == "_&&_" || e.name == "_||_") return arguments;
  if (e.name == "_+_") return Sum(e, arguments);
  if (e.name == "@in") {
    const TypeKind in = KindOf(*e.parts[1]);
    const std::uint64_t list = SizeOr(*e.parts[1]).max;
    const std::uint64_t cost = in == TypeKind::kList  ? list
                               : in == TypeKind::kMap ? 1
                                                      : std::max<std::uint64_t>(list, 1);
    return Plus(cost, arguments);
  }
  const bool compares = e.name == "_==_" || e.name == "_!=_" || e.name == "_<_" || e.name == "_<=_" ||
                        e.name == "_>_" || e.name == "_>=_";
  return Plus(compares ? Comparison(e).cost : 1, arguments);
}

std::uint64_t CostWalk::Call(const Expression& e) {
  std::uint64_t arguments = 0;
  for (const auto& part : e.parts) arguments = Plus(arguments, Cost(*part));
  if (!e.method && e.name == "dyn") {
    if (const auto size = SizeOf(*e.parts[0])) sizes_[&e] = *size;
    if (const auto entries = EntriesOf(*e.parts[0])) entries_[&e] = *entries;
    return Plus(arguments, 1);
  }
  const CallCost call = OfCall(e);
  if (call.size) sizes_[&e] = *call.size;
  return Plus(arguments, call.cost);
}

std::uint64_t CostWalk::Cost(const Expression& e) {
  switch (e.kind) {
    case Node::kLiteral:
      return 0;
    case Node::kName:
      return Name(e);
    case Node::kSelect:
      return Select(e);
    case Node::kIndex:
      return Index(e);
    case Node::kCall:
      return Call(e);
    case Node::kOperator:
      return Operator(e);
    case Node::kList:
      return ListLiteral(e);
    case Node::kMap:
      return MapLiteral(e);
    case Node::kOptionalItem:
      return Cost(*e.parts[0]);
    case Node::kLoop:
      return Loop(e);
  }
  return 0;
}

std::uint64_t EstimateCost(const Expression& expression, const TypesOf& types, const SchemaNode& self,
                           bool root) {
  return CostWalk(types, self, root).Cost(expression);
}

}  // namespace capstan::apiserver::cel
