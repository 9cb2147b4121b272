#include <capstan/local/apiserver/schema/cel/program.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>
#include <capstan/local/apiserver/schema/cel/syntax.hpp>
#include <capstan/local/apiserver/schema/cel/types.hpp>

namespace capstan::apiserver::cel {
namespace {

using Node = Expression::Kind;
using Kind = Value::Kind;

Failure Bad(std::string what) { return Fail(Code::kInvalidArgument, std::move(what)); }

// One evaluation: names in scope and what may still be spent.
class Evaluation final {
 public:
  Evaluation(Value self, const Value* old_self, std::int64_t& cost) : cost_(cost) {
    names_.emplace_back("self", std::move(self));
    if (old_self) names_.emplace_back("oldSelf", *old_self);
  }

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
    return Bad("no such attribute: " + e.name);
  }
  Result<Value> Select(const Expression& e);
  Result<Value> Index(const Expression& e);
  Result<Value> Call(const Expression& e);
  Result<Value> Logic(const Expression& e, bool decides);
  Result<Value> MapLiteral(const Expression& e);
  Result<Value> Loop(const Expression& e);
  Result<Value> Step(const Expression& e, std::vector<Value>& collected, std::size_t& hits);

  std::vector<std::pair<std::string, Value>> names_;
  std::int64_t& cost_;
};

Result<Value> Evaluation::Select(const Expression& e) {
  CAPSTAN_TRY(const Value from, Run(*e.parts.front()));
  if (from.kind != Kind::kMap) return Bad("no such overload");
  auto field = FieldOf(from, e.name);
  if (e.test) return Bool(field.has_value());
  if (!field) return Bad("no such key: " + e.name);
  return std::move(*field);
}

Result<Value> Evaluation::Index(const Expression& e) {
  CAPSTAN_TRY(const Value from, Run(*e.parts[0]));
  CAPSTAN_TRY(const Value index, Run(*e.parts[1]));
  if (from.kind == Kind::kMap) {
    auto found = LookUp(from, index);
    if (found) return std::move(*found);
    return Bad("no such key: " + (index.kind == Kind::kString ? index.text : std::to_string(index.whole)));
  }
  if (from.kind != Kind::kList || index.kind != Kind::kInt) return Bad("no such overload");
  if (index.whole < 0 || static_cast<std::size_t>(index.whole) >= SizeOf(from)) {
    return Bad(StrCat("index out of bounds: ", index.whole));
  }
  return ItemAt(from, static_cast<std::size_t>(index.whole));
}

// && and ||: whichever side decides, decides, even when the other fails.
Result<Value> Evaluation::Logic(const Expression& e, bool decides) {
  const Result<bool> left = Truth(*e.parts[0]);
  if (left && *left == decides) return Bool(decides);
  if (!left && left.error().code == Code::kResourceExhausted) return Fail(left.error());
  const Result<bool> right = Truth(*e.parts[1]);
  if (right && *right == decides) return Bool(decides);
  if (!left) return Fail(left.error());
  if (!right) return Fail(right.error());
  return Bool(!decides);
}

Result<Value> Evaluation::MapLiteral(const Expression& e) {
  std::vector<std::pair<Value, Value>> fields;
  for (std::size_t i = 0; i + 1 < e.parts.size(); i += 2) {
    CAPSTAN_TRY(Value key, Run(*e.parts[i]));
    CAPSTAN_TRY(Value value, Run(*e.parts[i + 1]));
    const auto there = std::find_if(fields.begin(), fields.end(),
                                    [&key](const auto& field) { return Same(field.first, key); });
    if (there != fields.end()) {
      there->second = std::move(value);
    } else {
      fields.emplace_back(std::move(key), std::move(value));
    }
  }
  Value map;
  map.kind = Kind::kMap;
  map.fields = std::make_shared<const std::vector<std::pair<Value, Value>>>(std::move(fields));
  return map;
}

// One turn of a loop. A truth ends the loop with that answer, null goes on.
Result<Value> Evaluation::Step(const Expression& e, std::vector<Value>& collected, std::size_t& hits) {
  if (e.name == "map") {
    if (e.parts.size() == 3) {
      CAPSTAN_TRY(const bool wanted, Truth(*e.parts[1]));
      if (!wanted) return Null();
    }
    CAPSTAN_TRY(Value made, Run(*e.parts.back()));
    collected.push_back(std::move(made));
    return Null();
  }
  CAPSTAN_TRY(const bool holds, Truth(*e.parts[1]));
  if (e.name == "all" && !holds) return Bool(false);
  if (e.name == "exists" && holds) return Bool(true);
  if (holds) ++hits;
  if (holds && e.name == "filter") collected.push_back(names_.back().second);
  return Null();
}

Result<Value> Evaluation::Loop(const Expression& e) {
  CAPSTAN_TRY(const Value range, Run(*e.parts.front()));
  if (range.kind != Kind::kList && range.kind != Kind::kMap) return Bad("no such overload");
  const std::vector<Value> keys = range.kind == Kind::kMap ? KeysOf(range) : std::vector<Value>();
  const std::size_t size = SizeOf(range);
  std::vector<Value> collected;
  std::size_t hits = 0;
  Result<Value> failed = Null();
  const bool absorbs = e.name == "all" || e.name == "exists";
  names_.emplace_back(e.variable, Null());
  for (std::size_t i = 0; i < size; ++i) {
    names_.back().second = range.kind == Kind::kMap ? keys[i] : ItemAt(range, i);
    Result<Value> turn = Step(e, collected, hits);
    const bool ends =
        !turn ? !absorbs || turn.error().code == Code::kResourceExhausted : turn->kind == Kind::kBool;
    if (ends) {
      names_.pop_back();
      return turn;
    }
    // all and exists may still be decided by a later item, as && and || are.
    if (!turn) failed = std::move(turn);
  }
  names_.pop_back();
  if (!failed) return failed;
  if (e.name == "all") return Bool(true);
  if (e.name == "exists") return Bool(false);
  if (e.name == "exists_one") return Bool(hits == 1);
  return List(std::move(collected));
}

Result<Value> Evaluation::Call(const Expression& e) {
  if (e.name == "_&&_") return Logic(e, false);
  if (e.name == "_||_") return Logic(e, true);
  if (e.name == "_?_:_") {
    CAPSTAN_TRY(const bool yes, Truth(*e.parts[0]));
    return Run(*e.parts[yes ? 1 : 2]);
  }
  std::vector<Value> arguments;
  for (const auto& part : e.parts) {
    CAPSTAN_TRY(Value argument, Run(*part));
    arguments.push_back(std::move(argument));
  }
  return CallFunction(e.name, arguments, cost_);
}

Result<Value> Evaluation::Run(const Expression& e) {
  if (--cost_ < 0) return Fail(Code::kResourceExhausted, "operation cancelled: actual cost limit exceeded");
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
      break;
  }
  std::vector<Value> items;
  for (const auto& part : e.parts) {
    CAPSTAN_TRY(Value item, Run(*part));
    items.push_back(std::move(item));
  }
  return List(std::move(items));
}

// What is wrong with conversions of literals, which are done once and for all.
Status CheckConstants(const Expression& e) {
  const bool converts = e.kind == Node::kCall && !e.method && e.parts.size() == 1 &&
                        e.parts[0]->kind == Node::kLiteral &&
                        (e.name == "int" || e.name == "uint" || e.name == "double" || e.name == "duration" ||
                         e.name == "timestamp");
  if (converts) {
    std::int64_t cost = kRuleCost;
    const auto made = CallFunction(e.name, {e.parts[0]->value}, cost);
    if (!made) return Bad("program instantiation failed: " + made.error().message);
  }
  for (const auto& part : e.parts) CAPSTAN_RETURN_IF_ERROR(CheckConstants(*part));
  return {};
}

Result<Value> Evaluate(const Expression& root, const SchemaNode* schema, const json::Tree& self,
                       const json::Tree* old_self, std::int64_t& cost) {
  const Value old_value = old_self ? FromTree(*old_self, schema) : Null();
  Evaluation evaluation(FromTree(self, schema), old_self ? &old_value : nullptr, cost);
  return evaluation.Run(root);
}

}  // namespace

Result<std::shared_ptr<const Program>> Program::Compile(std::string_view source, const SchemaNode& self,
                                                        bool root, Wanted wanted) {
  const bool rule = wanted == Wanted::kRule;
  const auto failed = [rule](const Error& error) {
    return Fail(Code::kInvalidArgument,
                (rule ? "compilation failed: " : "messageExpression compilation failed: ") + error.message);
  };
  auto parsed = ParseCel(source);
  if (!parsed) return failed(parsed.error());
  const auto type = CheckCel(source, **parsed, self, root);
  if (!type) return failed(type.error());
  if (rule && type->kind != Type::Kind::kBool) return Bad("cel expression must evaluate to a bool");
  if (!rule && type->kind != Type::Kind::kString) return Bad("messageExpression must evaluate to a string");
  CAPSTAN_RETURN_IF_ERROR(CheckConstants(**parsed));
  std::shared_ptr<Program> program(new Program());
  program->root_ = *parsed;
  program->schema_ = &self;
  program->uses_old_self_ = Uses(**parsed, "oldSelf");
  return std::shared_ptr<const Program>(program);
}

Result<bool> Program::EvaluateRule(const json::Tree& self, const json::Tree* old_self,
                                   std::int64_t& cost) const {
  CAPSTAN_TRY(const Value value, Evaluate(*root_, schema_, self, old_self, cost));
  if (value.kind != Kind::kBool) return Bad("no such overload");
  return value.truth;
}

Result<std::string> Program::EvaluateMessage(const json::Tree& self, const json::Tree* old_self,
                                             std::int64_t& cost) const {
  CAPSTAN_TRY(const Value value, Evaluate(*root_, schema_, self, old_self, cost));
  if (value.kind != Kind::kString) return Bad("no such overload");
  return value.text;
}

}  // namespace capstan::apiserver::cel
