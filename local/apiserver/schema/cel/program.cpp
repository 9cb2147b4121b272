#include <capstan/local/apiserver/schema/cel/program.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/cel/cost.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>
#include <capstan/local/apiserver/schema/cel/syntax.hpp>
#include <capstan/local/apiserver/schema/cel/types.hpp>

namespace capstan::apiserver::cel {
namespace {

// Errors that && and || must not absorb.
bool IsFinal(const Error& error) {
  return error.code == Code::kResourceExhausted || error.code == Code::kCancelled;
}

// One evaluation: the names in scope and the remaining budget.
class Evaluation final {
 public:
  Evaluation(Value self, const Value* old_self, Meter& meter) : meter_(meter) {
    names_.emplace_back("self", std::move(self));
    if (old_self) names_.emplace_back("oldSelf", *old_self);
  }

  Evaluation(std::vector<std::pair<std::string, Value>> names, Meter& meter)
      : names_(std::move(names)), meter_(meter) {}

  Result<Value> Run(const Expression& e);

 private:
  Result<bool> Truth(const Expression& e) {
    CAPSTAN_TRY(const Value value, Run(e));
    if (value.kind != Kind::kBool) return Bad("no such overload");
    return value.truth;
  }
  Result<Value> Name(const Expression& e) const {
    for (auto at = names_.rbegin(); at != names_.rend(); ++at) {
      if (at->first == e.name) return at->second;
    }
    return TextOfKind(Kind::kType, e.name);  // the checker accepts no other name
  }
  Result<Value> Select(const Expression& e);
  Result<Value> Index(const Expression& e);
  Result<Value> Call(const Expression& e);
  Result<Value> Logic(const Expression& e, bool decides);
  using Fields = std::vector<std::pair<Value, Value>>;
  // Results of the iterations of a loop.
  struct Turns {
    std::vector<Value> collected, keys;
    Fields fields;
    std::size_t hits = 0;
  };
  Result<Value> MapLiteral(const Expression& e);
  Result<Value> ListLiteral(const Expression& e);
  Result<std::optional<Value>> Item(const Expression& e);
  Status Put(Fields& fields, Value key, Value value);
  Result<Value> Loop(const Expression& e);
  Result<Value> OptionalLoop(const Expression& e, const Value& range);
  Result<Value> Sorted(Turns turns);
  Result<std::optional<bool>> Turn(const Expression& e, const Value& key, const Value& item, Turns& turns);
  Status Make(const Expression& e, const Value& key, const Value& item, Turns& turns);
  Status Collect(Turns& turns, Value made);
  Status CollectKey(Turns& turns, Value key);

  std::vector<std::pair<std::string, Value>> names_;
  Meter& meter_;
};

// Wraps a value as an optional when the access is optional; a missing value is then none.
Result<Value> Maybe(const Expression& e, bool chained, std::optional<Value> found,
                    const std::string& missing) {
  if (e.test) return Bool(found.has_value());
  if (e.optional || chained) return found ? Some(std::move(*found)) : None();
  if (!found) return Bad("no such key: " + missing);
  return std::move(*found);
}

Result<Value> Evaluation::Select(const Expression& e) {
  CAPSTAN_TRY(Value from, Run(*e.parts.front()));
  const bool chained = from.kind == Kind::kOptional;
  if (chained) {
    if (from.items->empty()) return e.test ? Bool(false) : None();
    from = Value(from.items->front());
  }
  if (from.kind == Kind::kAuthorizer && e.name == "requestResource" && meter_.request())
    return RequestResource(*meter_.request());
  if (from.kind != Kind::kMap) return Bad("no such overload");
  CAPSTAN_TRY(auto field, FieldOf(from, e.name, meter_));
  return Maybe(e, chained, std::move(field), e.name);
}

Result<Value> Evaluation::Index(const Expression& e) {
  CAPSTAN_TRY(Value from, Run(*e.parts[0]));
  CAPSTAN_TRY(const Value index, Run(*e.parts[1]));
  const bool chained = from.kind == Kind::kOptional;
  if (chained) {
    if (from.items->empty()) return None();
    from = Value(from.items->front());
  }
  if (from.kind == Kind::kMap) {
    CAPSTAN_TRY(auto found, LookUp(from, index, meter_));
    return Maybe(e, chained, std::move(found),
                 index.kind == Kind::kString ? index.String() : std::to_string(index.whole));
  }
  if (from.kind != Kind::kList || index.kind != Kind::kInt) return Bad("no such overload");
  if (index.whole < 0 || static_cast<std::size_t>(index.whole) >= SizeOf(from)) {
    if (e.optional || chained) return None();
    return Bad(StrCat("index out of bounds: ", index.whole));
  }
  CAPSTAN_TRY(Value item, ItemAt(from, static_cast<std::size_t>(index.whole), meter_));
  return Maybe(e, chained, std::move(item), "");
}

// && and ||: a deciding operand determines the result even when the other one fails.
Result<Value> Evaluation::Logic(const Expression& e, bool decides) {
  const Result<bool> left = Truth(*e.parts[0]);
  if (left && *left == decides) return Bool(decides);
  if (!left && IsFinal(left.error())) return Fail(left.error());
  const Result<bool> right = Truth(*e.parts[1]);
  if (!right && IsFinal(right.error())) return Fail(right.error());
  if (right && *right == decides) return Bool(decides);
  if (!left) return Fail(left.error());
  if (!right) return Fail(right.error());
  return Bool(!decides);
}

// An item of a literal; nullopt when it is optional and none.
Result<std::optional<Value>> Evaluation::Item(const Expression& e) {
  if (e.kind != Node::kOptionalItem) {
    CAPSTAN_TRY(Value value, Run(e));
    return std::optional<Value>(std::move(value));
  }
  CAPSTAN_TRY(const Value value, Run(*e.parts[0]));
  if (value.kind != Kind::kOptional) return Bad("no such overload");
  if (value.items->empty()) return std::optional<Value>();
  return std::optional<Value>(value.items->front());
}

Status Evaluation::Put(Fields& fields, Value key, Value value) {
  for (auto& field : fields) {
    CAPSTAN_TRY(const bool same, Same(field.first, key, meter_));
    if (!same) continue;
    field.second = std::move(value);
    return {};
  }
  CAPSTAN_RETURN_IF_ERROR(meter_.Take(2 * sizeof(Value)));
  fields.emplace_back(std::move(key), std::move(value));
  return {};
}

Result<Value> Evaluation::MapLiteral(const Expression& e) {
  Fields fields;
  for (std::size_t i = 0; i + 1 < e.parts.size(); i += 2) {
    CAPSTAN_TRY(Value key, Run(*e.parts[i]));
    CAPSTAN_TRY(auto value, Item(*e.parts[i + 1]));
    if (value) CAPSTAN_RETURN_IF_ERROR(Put(fields, std::move(key), std::move(*value)));
  }
  return Map(std::move(fields));
}

Result<Value> Evaluation::ListLiteral(const Expression& e) {
  std::vector<Value> items;
  for (const auto& part : e.parts) {
    CAPSTAN_TRY(auto item, Item(*part));
    if (item) items.push_back(std::move(*item));
  }
  return MakeList(std::move(items), meter_);
}

Status Evaluation::Collect(Turns& turns, Value made) {
  CAPSTAN_RETURN_IF_ERROR(meter_.Take(sizeof(Value)));
  turns.collected.push_back(std::move(made));
  return {};
}

// One iteration of a loop that builds a list or map.
Status Evaluation::Make(const Expression& e, const Value& key, const Value& item, Turns& turns) {
  if (e.parts.size() == 3) {
    CAPSTAN_TRY(const bool wanted, Truth(*e.parts[1]));
    if (!wanted) return {};
  }
  CAPSTAN_TRY(Value made, Run(*e.parts.back()));
  if (e.name == "transformMap") {
    CAPSTAN_RETURN_IF_ERROR(meter_.Take(2 * sizeof(Value)));
    turns.fields.emplace_back(key, std::move(made));  // the keys of a range are distinct
    return {};
  }
  if (e.name == "transformMapEntry") {
    if (made.kind != Kind::kMap) return Bad("no such overload");
    CAPSTAN_TRY(const auto names, KeysOf(made, meter_));
    for (const Value& name : names) {
      CAPSTAN_TRY(auto value, LookUp(made, name, meter_));
      for (const auto& field : turns.fields) {
        CAPSTAN_TRY(const bool same, Same(field.first, name, meter_));
        if (same) return Bad(StrCat("insert failed: key ", name.text, " already exists"));
      }
      CAPSTAN_RETURN_IF_ERROR(Put(turns.fields, name, value.value_or(Null())));
    }
    return {};
  }
  if (e.name == "sortBy") CAPSTAN_RETURN_IF_ERROR(Collect(turns, item));
  return e.name == "sortBy" ? CollectKey(turns, std::move(made)) : Collect(turns, std::move(made));
}

Status Evaluation::CollectKey(Turns& turns, Value key) {
  CAPSTAN_RETURN_IF_ERROR(meter_.Take(sizeof(Value)));
  if (!turns.keys.empty()) {
    CAPSTAN_RETURN_IF_ERROR(meter_.ChargeText(key.text.size()));
    if (key.kind != turns.keys.front().kind || !Order(turns.keys.front(), key))
      return Bad("no such overload");
  }
  turns.keys.push_back(std::move(key));
  return {};
}

// One iteration. A bool ends the loop with that result; nullopt continues.
Result<std::optional<bool>> Evaluation::Turn(const Expression& e, const Value& key, const Value& item,
                                             Turns& turns) {
  if (e.name == "map" || e.name == "sortBy" || e.name.rfind("transform", 0) == 0) {
    CAPSTAN_RETURN_IF_ERROR(Make(e, key, item, turns));
    return std::optional<bool>();
  }
  CAPSTAN_TRY(const bool holds, Truth(*e.parts[1]));
  if (e.name == "all" && !holds) return std::optional<bool>(false);
  if (e.name == "exists" && holds) return std::optional<bool>(true);
  if (holds) ++turns.hits;
  if (holds && e.name == "filter") CAPSTAN_RETURN_IF_ERROR(Collect(turns, item));
  return std::optional<bool>();
}

Result<Value> Evaluation::OptionalLoop(const Expression& e, const Value& range) {
  if (range.kind != Kind::kOptional) return Bad("no such overload");
  if (range.items->empty()) return None();
  names_.emplace_back(e.variable, range.items->front());
  auto made = Run(*e.parts[1]);
  names_.pop_back();
  if (!made || e.name == "optFlatMap") return made;
  return Some(std::move(*made));
}

Result<Value> Evaluation::Sorted(Turns turns) {
  std::vector<std::size_t> order(turns.keys.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::size_t levels = 1, longest = 0;
  for (std::size_t size = order.size(); size > 1; size /= 2) ++levels;
  for (const Value& key : turns.keys) longest = std::max(longest, key.text.size());
  CAPSTAN_RETURN_IF_ERROR(meter_.Charge(order.size() * levels * (longest / 10 + 1)));
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return cel::Order(turns.keys[a], turns.keys[b]) == -1;
  });
  std::vector<Value> sorted;
  for (const std::size_t i : order) sorted.push_back(turns.collected[i]);
  return MakeList(std::move(sorted), meter_);
}

Result<Value> Evaluation::Loop(const Expression& e) {
  CAPSTAN_TRY(const Value range, Run(*e.parts.front()));
  if (e.name == "optMap" || e.name == "optFlatMap") return OptionalLoop(e, range);
  if (range.kind != Kind::kList && range.kind != Kind::kMap) return Bad("no such overload");
  const bool over_map = range.kind == Kind::kMap, two = !e.second.empty();
  std::vector<Value> keys;
  if (over_map) {
    CAPSTAN_TRY(keys, KeysOf(range, meter_));
  }
  const std::size_t size = SizeOf(range), before = names_.size();
  Turns turns;
  std::optional<Error> failed;
  const bool absorbs = e.name == "all" || e.name == "exists";
  for (std::size_t i = 0; i < size; ++i) {
    Value key = over_map ? keys[i] : Int(static_cast<std::int64_t>(i)), item = key;
    if (!over_map) {
      CAPSTAN_TRY(item, ItemAt(range, i, meter_));
    } else if (two) {
      CAPSTAN_TRY(auto found, LookUp(range, key, meter_));
      item = found.value_or(Null());
    }
    names_.emplace_back(e.variable, two ? key : item);
    if (two) names_.emplace_back(e.second, item);
    const auto turn = Turn(e, key, item, turns);
    names_.resize(before);
    if (turn && *turn) return Bool(**turn);
    if (turn) continue;
    if (!absorbs || IsFinal(turn.error())) return Fail(turn.error());
    // As with && and ||, a later item can still decide all and exists.
    failed = turn.error();
  }
  if (failed) return Fail(*failed);
  if (e.name == "all") return Bool(true);
  if (e.name == "exists") return Bool(false);
  if (e.name == "exists_one" || e.name == "existsOne") return Bool(turns.hits == 1);
  if (e.name == "sortBy") return Sorted(std::move(turns));
  if (e.name == "transformMap" || e.name == "transformMapEntry") return Map(std::move(turns.fields));
  return List(std::move(turns.collected));
}

Result<Value> Evaluation::Call(const Expression& e) {
  const bool is_operator = e.kind == Node::kOperator;
  if (is_operator && e.name == "_&&_") return Logic(e, false);
  if (is_operator && e.name == "_||_") return Logic(e, true);
  if (is_operator && e.name == "_?_:_") {
    CAPSTAN_TRY(const bool yes, Truth(*e.parts[0]));
    return Run(*e.parts[yes ? 1 : 2]);
  }
  std::vector<Value> arguments;
  for (const auto& part : e.parts) {
    CAPSTAN_TRY(Value argument, Run(*part));
    arguments.push_back(std::move(argument));
  }
  if (e.kind == Node::kOperator) return CallOperator(e.name, arguments, meter_);
  return CallFunction(e.name, e.method, arguments, meter_);
}

Result<Value> Evaluation::Run(const Expression& e) {
  CAPSTAN_RETURN_IF_ERROR(meter_.Charge(1));
  switch (e.kind) {
    case Node::kLiteral:
      return e.value;
    case Node::kName:
      return Name(e);
    case Node::kSelect:
      return Select(e);
    case Node::kIndex:
      return Index(e);
    case Node::kCall:
    case Node::kOperator:
      return Call(e);
    case Node::kMap:
      return MapLiteral(e);
    case Node::kLoop:
      return Loop(e);
    case Node::kList:
      return ListLiteral(e);
    case Node::kOptionalItem:
      break;
  }
  return Bad("no such overload");
}

// Errors in conversions of literals, which are evaluated once at compile time.
Status CheckConstants(const Expression& e) {
  const bool converts = e.kind == Node::kCall && !e.method && e.parts.size() == 1 &&
                        e.parts[0]->kind == Node::kLiteral &&
                        (e.name == "int" || e.name == "uint" || e.name == "double" || e.name == "duration" ||
                         e.name == "timestamp");
  if (converts) {
    std::int64_t steps = kRuleCost;
    Meter meter(steps, nullptr);
    const auto made = CallFunction(e.name, false, {e.parts[0]->value}, meter);
    if (!made) return Bad(made.error().message);
  }
  for (const auto& part : e.parts) CAPSTAN_RETURN_IF_ERROR(CheckConstants(*part));
  return {};
}

Result<Value> Evaluate(const Expression& root, const SchemaNode* schema, const json::Tree& self,
                       const json::Tree* old_self, bool optional_old, Meter& meter) {
  Value old_value;
  if (old_self) {
    CAPSTAN_TRY(old_value, FromTree(*old_self, schema, meter));
  }
  if (optional_old) old_value = old_self ? Some(std::move(old_value)) : None();
  CAPSTAN_TRY(Value value, FromTree(self, schema, meter));
  return Evaluation(std::move(value), old_self || optional_old ? &old_value : nullptr, meter).Run(root);
}

}  // namespace

Result<std::shared_ptr<const Program>> Program::Compile(std::string_view source, const SchemaNode& self,
                                                        bool root, Wanted wanted, bool optional_old) {
  const bool rule = wanted == Wanted::kRule;
  const auto failed = [rule](const Error& error) {
    return Fail(Code::kInvalidArgument,
                (rule ? "compilation failed: " : "messageExpression compilation failed: ") + error.message);
  };
  auto parsed = ParseCel(source);
  if (!parsed) return failed(parsed.error());
  TypesOf types;
  const auto type = CheckCel(source, **parsed, self, root, optional_old, &types);
  if (!type) return failed(type.error());
  if (rule && type->kind != Type::Kind::kBool) return Bad("cel expression must evaluate to a bool");
  if (!rule && type->kind != Type::Kind::kString) return Bad("messageExpression must evaluate to a string");
  if (const Status constants = CheckConstants(**parsed); !constants)
    return Bad((rule ? "program instantiation failed: " : "messageExpression instantiation failed: ") +
               constants.error().message);
  std::shared_ptr<Program> program(new Program());
  program->root_ = *parsed;
  program->schema_ = &self;
  program->uses_old_self_ = Uses(**parsed, "oldSelf");
  program->optional_old_ = optional_old;
  program->most_cost_ = EstimateCost(**parsed, types, self, root);
  return std::shared_ptr<const Program>(program);
}

Result<bool> Program::EvaluateRule(const json::Tree& self, const json::Tree* old_self, Meter& meter) const {
  CAPSTAN_TRY(const Value value, Evaluate(*root_, schema_, self, old_self, optional_old_, meter));
  if (value.kind != Kind::kBool) return Bad("no such overload");
  return value.truth;
}

Result<std::string> Program::EvaluateMessage(const json::Tree& self, const json::Tree* old_self,
                                             Meter& meter) const {
  CAPSTAN_TRY(const Value value, Evaluate(*root_, schema_, self, old_self, optional_old_, meter));
  if (value.kind != Kind::kString) return Bad("no such overload");
  return value.String();
}

namespace {

json::Tree ToTree(const Value& value) {
  switch (value.kind) {
    case Kind::kBool:
      return value.truth;
    case Kind::kInt:
      return static_cast<Poco::Int64>(value.whole);
    case Kind::kUint:
      return static_cast<Poco::UInt64>(value.natural);
    case Kind::kDouble:
      return value.real;
    case Kind::kString:
      return value.String();
    case Kind::kList:
    case Kind::kMap:
      break;
    default:
      return {};
  }
  if (value.tree) return *value.tree;
  if (value.kind == Kind::kList) {
    json::ArrayPtr list = json::MakeArray();
    for (const Value& item : *value.items) list->add(ToTree(item));
    return list;
  }
  json::ObjectPtr map = json::MakeObject();
  for (const auto& [key, item] : *value.fields) map->set(key.String(), ToTree(item));
  return map;
}

Result<Value> EvaluateAbout(const Expression& root, const Program::Variables& variables, Meter& meter) {
  std::vector<std::pair<std::string, Value>> names;
  if (meter.authorizer()) names.emplace_back("authorizer", AuthorizerValue());
  for (const auto& [name, tree] : variables) {
    CAPSTAN_TRY(Value value, FromTree(tree, nullptr, meter));
    names.emplace_back(name, std::move(value));
  }
  return Evaluation(std::move(names), meter).Run(root);
}

}  // namespace

Result<std::shared_ptr<const Program>> Program::CompileAbout(std::string_view source,
                                                             const std::vector<std::string>& names,
                                                             Wanted wanted) {
  const auto failed = [](const Error& error) {
    return Fail(Code::kInvalidArgument, "compilation failed: " + error.message);
  };
  auto parsed = ParseCel(source);
  if (!parsed) return failed(parsed.error());
  const auto type = CheckCelAbout(source, **parsed, names);
  if (!type) return failed(type.error());
  const Type::Kind kind = type->kind;
  const bool dyn = kind == Type::Kind::kDyn;
  if (wanted == Wanted::kRule && kind != Type::Kind::kBool && !dyn) return Bad("must evaluate to bool");
  if (wanted == Wanted::kMessage && kind != Type::Kind::kString && !dyn)
    return Bad("must evaluate to string");
  if (const Status constants = CheckConstants(**parsed); !constants)
    return Bad("program instantiation failed: " + constants.error().message);
  std::shared_ptr<Program> program(new Program());
  program->root_ = *parsed;
  return std::shared_ptr<const Program>(program);
}

Result<bool> Program::EvaluateRule(const Variables& variables, Meter& meter) const {
  CAPSTAN_TRY(const Value value, EvaluateAbout(*root_, variables, meter));
  if (value.kind != Kind::kBool) return Bad("no such overload");
  return value.truth;
}

Result<std::string> Program::EvaluateMessage(const Variables& variables, Meter& meter) const {
  CAPSTAN_TRY(const Value value, EvaluateAbout(*root_, variables, meter));
  if (value.kind != Kind::kString) return Bad("no such overload");
  return value.String();
}

Result<json::Tree> Program::EvaluateValue(const Variables& variables, Meter& meter) const {
  CAPSTAN_TRY(const Value value, EvaluateAbout(*root_, variables, meter));
  return Result<json::Tree>(tl::in_place, ToTree(value));
}

}  // namespace capstan::apiserver::cel
