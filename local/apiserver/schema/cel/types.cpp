#include <capstan/local/apiserver/schema/cel/types.hpp>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>
#include <capstan/local/apiserver/schema/pattern/pattern.hpp>

namespace capstan::apiserver::cel {
namespace {

Type KeyOf(const Type& type) { return type.key ? *type.key : Of(TypeKind::kString); }

bool IsTypeName(std::string_view name) {
  constexpr std::string_view kNames[] = {"bool",  "int",  "uint", "double",    "string",
                                         "bytes", "list", "map",  "null_type", "type"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

class Checker final {
 public:
  Checker(std::string_view source, const SchemaNode& self, bool root, bool optional_old, TypesOf* types)
      : source_(source), types_(types) {
    const Type type = TypeOfSchema(self, root);
    names_.emplace_back("self", type);
    names_.emplace_back("oldSelf", optional_old ? OptionalOf(type) : type);
  }
  Checker(std::string_view source, const std::vector<std::string>& names) : source_(source) {
    for (const std::string& name : names) names_.emplace_back(name, Of(Type::Kind::kDyn));
  }

  // Finds all problems, in source order.
  Result<Type> CheckAll(const Expression& e) {
    Type type = Check(e);
    // Problems with literals count only when there are no type errors.
    std::vector<Problem>& problems = problems_.empty() ? problems_of_values_ : problems_;
    if (problems.empty()) return type;
    std::stable_sort(problems.begin(), problems.end(),
                     [](const Problem& a, const Problem& b) { return a.at < b.at; });
    std::vector<std::string> texts;
    for (const Problem& problem : problems) texts.push_back(ErrorAt(source_, problem.at, problem.what));
    return Fail(Code::kInvalidArgument, Join(texts, "\n"));
  }

 private:
  struct Problem {
    std::size_t at;
    std::string what;
  };
  static constexpr std::size_t kMostProblems = 100;

  // Expressions with an error have type dyn, which is compatible with everything, so that one
  // mistake gives one problem.
  Type Check(const Expression& e) {
    Type type = CheckPart(e);
    if (types_) (*types_)[&e] = type;
    return type;
  }
  Type CheckPart(const Expression& e);
  Type Bad(const Expression& e, std::string what) {
    if (problems_.size() < kMostProblems) problems_.push_back({e.at, std::move(what)});
    Type nothing;
    nothing.failed = true;
    return nothing;
  }
  void BadValue(const Expression& e, std::string what) {
    if (problems_of_values_.size() < kMostProblems) problems_of_values_.push_back({e.at, std::move(what)});
  }
  Type NoOverload(const Expression& e, const std::vector<Type>& types);
  std::vector<Type> CheckParts(const Expression& e) {
    std::vector<Type> types;
    for (const auto& part : e.parts) types.push_back(Check(*part));
    return types;
  }

  static Type Literal(const Expression& e);
  Type Name(const Expression& e);
  Type Select(const Expression& e);
  Type FieldType(const Expression& e, const Type& from);
  Type Index(const Expression& e);
  Type Call(const Expression& e);
  void CheckLiterals(const Expression& e, const std::vector<Type>& types);
  void CheckFormat(const Expression& e);
  void CheckClause(const Expression& argument, char verb);
  Type Operator(const Expression& e, const std::vector<Type>& types);
  Type Arithmetic(const Expression& e, const std::vector<Type>& types);
  Type ListLiteral(const Expression& e);
  Type MapLiteral(const Expression& e);
  Type Loop(const Expression& e);
  Type OptionalLoop(const Expression& e, const Type& from);
  Type LoopResult(const Expression& e, const Type& from, const Type& key, const Type& item, const Type& made);

  std::string_view source_;
  TypesOf* types_ = nullptr;
  std::vector<Problem> problems_, problems_of_values_;
  bool in_format_ = false;  // the arguments of format() can have different types
  std::vector<std::pair<std::string, Type>> names_;
};

Type Checker::NoOverload(const Expression& e, const std::vector<Type>& types) {
  std::vector<std::string> names;
  for (std::size_t i = e.method ? 1 : 0; i < types.size(); ++i) names.push_back(TypeName(types[i]));
  const std::string receiver = e.method ? TypeName(types.front()) + "." : "";
  const std::string name = e.kind != Node::kIndex ? e.name : e.optional ? "_[?_]" : "_[_]";
  return Bad(e, StrCat("found no matching overload for '", name, "' applied to '", receiver, "(",
                       Join(names, ", "), ")'"));
}

Type Checker::Literal(const Expression& e) {
  switch (e.value.kind) {
    case Value::Kind::kBool:
      return Of(TypeKind::kBool);
    case Value::Kind::kInt:
      return Of(TypeKind::kInt);
    case Value::Kind::kUint:
      return Of(TypeKind::kUint);
    case Value::Kind::kDouble:
      return Of(TypeKind::kDouble);
    case Value::Kind::kString:
      return Of(TypeKind::kString);
    case Value::Kind::kBytes:
      return Of(TypeKind::kBytes);
    case Value::Kind::kType:
      return Of(TypeKind::kType);
    default:
      return Of(TypeKind::kNull);
  }
}

Type Checker::Name(const Expression& e) {
  for (auto at = names_.rbegin(); at != names_.rend(); ++at) {
    if (at->first == e.name) return at->second;
  }
  if (IsTypeName(e.name)) return Of(TypeKind::kType);
  return Bad(e, StrCat("undeclared reference to '", e.name, "' (in container '')"));
}

Type Checker::Select(const Expression& e) {
  const Type given = Check(*e.parts.front());
  const bool chained = given.kind == TypeKind::kOptional;
  const Type field = FieldType(e, chained ? ElementOf(given) : given);
  if (e.test) return Of(TypeKind::kBool);
  return e.optional || chained ? OptionalOf(field) : field;
}

Type Checker::FieldType(const Expression& e, const Type& from) {
  if (IsDyn(from)) return Type{};
  if (from.kind == TypeKind::kMap) return ElementOf(from);
  if (from.kind != TypeKind::kObject)
    return Bad(e, StrCat("type '", TypeName(from), "' does not support field selection"));
  const std::string name = UnescapeName(e.name);
  const auto property = from.node->properties.find(name);
  if (from.root && (name == "apiVersion" || name == "kind")) return Of(TypeKind::kString);
  if (from.root && name == "metadata") {
    static const SchemaNode metadata = [] {
      SchemaNode names, text;
      names.type = "object";
      text.type = "string";
      for (const char* field : {"name", "generateName"})
        names.properties[field] = std::make_shared<SchemaNode>(text);
      return names;
    }();
    return Type{TypeKind::kObject, {}, {}, &metadata};
  }
  if (property == from.node->properties.end() || !IsNameOf(e.name, name))
    return Bad(e, StrCat("undefined field '", e.name, "'"));
  return TypeOfSchema(*property->second, property->second->embedded_resource);
}

Type Checker::Index(const Expression& e) {
  const std::vector<Type> types = CheckParts(e);
  const bool chained = types[0].kind == TypeKind::kOptional;
  const Type from = chained ? ElementOf(types[0]) : types[0];
  const Type& index = types[1];
  const auto found = [&](Type type) { return e.optional || chained ? OptionalOf(std::move(type)) : type; };
  if (IsDyn(from)) return found(Type{});
  if (from.kind == TypeKind::kList && (IsDyn(index) || index.kind == TypeKind::kInt))
    return found(ElementOf(from));
  if (from.kind == TypeKind::kMap && Meet(KeyOf(from), index)) return found(ElementOf(from));
  return NoOverload(e, types);
}

Type Checker::ListLiteral(const Expression& e) {
  const std::vector<Type> types = CheckParts(e);
  if (types.empty()) return ListOf({});
  for (std::size_t i = 1; i < types.size(); ++i) {
    if (!Meet(types[0], types[i])) {
      if (in_format_) return ListOf({});
      return Bad(*e.parts[i],
                 StrCat("expected type '", TypeName(types[0]), "' but found '", TypeName(types[i]), "'"));
    }
  }
  return ListOf(types[0]);
}

Type Checker::MapLiteral(const Expression& e) {
  const std::vector<Type> types = CheckParts(e);
  if (types.empty()) return MapOf({});
  for (std::size_t i = 2; i < types.size(); ++i) {
    if (!Meet(types[i % 2], types[i])) {
      if (in_format_) return MapOf({});
      return Bad(*e.parts[i],
                 StrCat("expected type '", TypeName(types[i % 2]), "' but found '", TypeName(types[i]), "'"));
    }
  }
  Type map = MapOf(types[1]);
  map.key = std::make_shared<const Type>(types[0]);
  return map;
}

Type Checker::OptionalLoop(const Expression& e, const Type& from) {
  if (!IsDyn(from) && from.kind != TypeKind::kOptional) return NoOverload(e, {from});
  names_.emplace_back(e.variable, ElementOf(from));
  const Type made = Check(*e.parts[1]);
  names_.pop_back();
  return e.name == "optFlatMap" ? made : OptionalOf(made);
}

// The result type of a loop whose last part has type `made`.
Type Checker::LoopResult(const Expression& e, const Type& from, const Type& key, const Type& item,
                         const Type& made) {
  if (e.name == "map" || e.name == "transformList") return ListOf(made);
  if (e.name == "filter") return ListOf(item);
  if (e.name == "sortBy") return IsOrdered(made) ? from : NoOverload(e, {from});
  if (e.name == "transformMapEntry")
    return IsDyn(made) || made.kind == TypeKind::kMap ? made : NoOverload(e, {from});
  if (e.name != "transformMap") return Of(TypeKind::kBool);
  Type map = MapOf(made);
  map.key = std::make_shared<const Type>(key);
  return map;
}

Type Checker::Loop(const Expression& e) {
  const Expression& range = *e.parts.front();
  const Type from = Check(range);
  if (e.name == "optMap" || e.name == "optFlatMap") return OptionalLoop(e, from);
  if (!IsDyn(from) && from.kind != TypeKind::kList && from.kind != TypeKind::kMap) {
    return Bad(range, StrCat("expression of type '", TypeName(from),
                             "' cannot be range of a comprehension (must be list, map, or dynamic)"));
  }
  const std::size_t before = names_.size();
  const bool over_map = from.kind == TypeKind::kMap;
  const Type key = over_map ? KeyOf(from) : from.kind == TypeKind::kList ? Of(TypeKind::kInt) : Type{};
  const Type item = over_map && e.second.empty() ? key : ElementOf(from);
  names_.emplace_back(e.variable, e.second.empty() ? item : key);
  if (!e.second.empty()) names_.emplace_back(e.second, item);
  Type last;
  for (std::size_t i = 1; i < e.parts.size(); ++i) {
    last = Check(*e.parts[i]);
    const bool makes = e.name == "map" || e.name == "sortBy" || e.name.rfind("transform", 0) == 0;
    const bool is_condition = !makes || (i == 1 && e.parts.size() == 3);
    if (is_condition && !IsDyn(last) && last.kind != TypeKind::kBool)
      Bad(*e.parts[i], StrCat("expected type 'bool' but found '", TypeName(last), "'"));
  }
  names_.resize(before);
  return LoopResult(e, from, key, item, last);
}

Type Checker::Arithmetic(const Expression& e, const std::vector<Type>& types) {
  const Type &a = types[0], &b = types[1];
  if (IsDyn(a) || IsDyn(b)) return Type{};
  if (IsNumber(a) && a.kind == b.kind && (e.name != "_%_" || a.kind != TypeKind::kDouble)) return a;
  const bool adds = e.name == "_+_", takes = e.name == "_-_";
  if (adds && a.kind == b.kind &&
      (a.kind == TypeKind::kString || a.kind == TypeKind::kBytes || a.kind == TypeKind::kDuration))
    return a;
  if (adds && a.kind == TypeKind::kList && Meet(a, b)) return a;
  if (adds && (a.kind == TypeKind::kTimestamp || b.kind == TypeKind::kTimestamp) &&
      (a.kind == TypeKind::kDuration || b.kind == TypeKind::kDuration)) {
    return Of(TypeKind::kTimestamp);
  }
  if (takes && a.kind == TypeKind::kTimestamp) {
    if (b.kind == TypeKind::kTimestamp) return Of(TypeKind::kDuration);
    if (b.kind == TypeKind::kDuration) return a;
  }
  if (takes && a.kind == TypeKind::kDuration && b.kind == TypeKind::kDuration) return a;
  return NoOverload(e, types);
}

Type Checker::Operator(const Expression& e, const std::vector<Type>& types) {
  const Type& first = types.front();
  const std::string& name = e.name;
  if (name == "_&&_" || name == "_||_") {
    for (std::size_t i = 0; i < 2; ++i) {
      if (IsDyn(types[i]) || types[i].kind == TypeKind::kBool) continue;
      Bad(*e.parts[i], StrCat("expected type 'bool' but found '", TypeName(types[i]), "'"));
    }
    return Of(TypeKind::kBool);
  }
  if (name == "!_")
    return IsDyn(first) || first.kind == TypeKind::kBool ? Of(TypeKind::kBool) : NoOverload(e, types);
  if (name == "-_") {
    const bool fits = IsDyn(first) || first.kind == TypeKind::kInt || first.kind == TypeKind::kDouble ||
                      first.kind == TypeKind::kDuration;
    return fits ? first : NoOverload(e, types);
  }
  if (name == "_?_:_") {
    if ((!IsDyn(first) && first.kind != TypeKind::kBool) || !Meet(types[1], types[2]))
      return NoOverload(e, types);
    return IsDyn(types[1]) ? types[2] : types[1];
  }
  if (name == "_==_" || name == "_!=_") {
    return Meet(first, types[1]) ? Of(TypeKind::kBool) : NoOverload(e, types);
  }
  if (name == "@in") {
    const Type& in = types[1];
    const bool fits = IsDyn(in) || (in.kind == TypeKind::kList && Meet(first, ElementOf(in))) ||
                      (in.kind == TypeKind::kMap && Meet(first, KeyOf(in)));
    return fits ? Of(TypeKind::kBool) : NoOverload(e, types);
  }
  if (name == "_<_" || name == "_<=_" || name == "_>_" || name == "_>=_") {
    const bool fits = IsDyn(first) || IsDyn(types[1]) || (IsNumber(first) && IsNumber(types[1])) ||
                      (IsOrdered(first) && first.kind == types[1].kind);
    return fits ? Of(TypeKind::kBool) : NoOverload(e, types);
  }
  return Arithmetic(e, types);
}

// Errors in literal arguments.
void Checker::CheckLiterals(const Expression& e, const std::vector<Type>& types) {
  const bool literal = !e.parts.empty() && e.parts[0]->kind == Node::kLiteral &&
                       e.parts[0]->value.kind == Value::Kind::kString;
  if (!literal || types.empty()) return;
  const std::string_view text = e.parts[0]->value.text;
  if (!e.method && e.parts.size() == 1) {
    const bool bad =
        (e.name == "duration" && !ParseDuration(text)) || (e.name == "timestamp" && !ParseTimestamp(text));
    if (bad) BadValue(*e.parts[0], StrCat("invalid ", e.name, " argument"));
  }
  if (e.method && e.name == "format" && e.parts[1]->kind == Node::kList) CheckFormat(e);
}

void Checker::CheckFormat(const Expression& e) {
  const std::string_view text = e.parts[0]->value.text;
  const auto& arguments = e.parts[1]->parts;
  std::size_t next = 0;
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (++at >= text.size()) return BadValue(e, "unexpected end of string");
    if (text[at] == '%') continue;
    if (text[at] == '.') {
      at = text.find_first_not_of("0123456789", at + 1);
      if (at == std::string_view::npos)
        return BadValue(e, "could not parse formatting clause: could not find end of precision specifier");
    }
    if (std::string_view("sdfebxXo").find(text[at]) == std::string_view::npos) {
      return BadValue(e, StrCat("could not parse formatting clause: unrecognized formatting clause \"",
                                text.substr(at, 1), "\""));
    }
    if (next >= arguments.size()) return BadValue(e, StrCat("index ", next, " out of range"));
    CheckClause(*arguments[next++], text[at]);
  }
}

void Checker::CheckClause(const Expression& argument, char verb) {
  const auto found = types_ ? types_->find(&argument) : TypesOf::iterator();
  if (!types_ || found == types_->end() || IsDyn(found->second)) return;
  const TypeKind kind = found->second.kind;
  const bool whole = kind == TypeKind::kInt || kind == TypeKind::kUint;
  const bool text = kind == TypeKind::kString || kind == TypeKind::kBytes;
  std::string_view wrong;
  if (verb == 'd' && !whole) wrong = "decimal clause can only be used on integers";
  if (verb == 'o' && !whole) wrong = "octal clause can only be used on integers";
  if (verb == 'f' && kind != TypeKind::kDouble) wrong = "fixed-point clause can only be used on doubles";
  if (verb == 'e' && kind != TypeKind::kDouble) wrong = "scientific clause can only be used on doubles";
  if (verb == 'b' && !whole && kind != TypeKind::kBool)
    wrong = "only integers and bools can be formatted as binary";
  if ((verb == 'x' || verb == 'X') && !whole && !text)
    wrong = "only integers, byte buffers, and strings can be formatted as hex";
  if (wrong.empty()) return;
  BadValue(argument, StrCat("error during formatting: ", wrong, ", was given ", TypeName(found->second)));
}

Type Checker::Call(const Expression& e) {
  const auto functions = FindFunctions(e.name, e.method);
  // The receiver is checked before the function, as in CEL's compiler.
  const bool before = std::exchange(in_format_, in_format_ || (e.method && e.name == "format"));
  const std::vector<Type> types = CheckParts(e);
  in_format_ = before;
  if (functions.empty()) {
    // The function exists, but only as a method or only as a plain function.
    if (!FindFunctions(e.name, !e.method).empty()) return NoOverload(e, types);
    return Bad(e, StrCat("undeclared reference to '", e.name, "' (in container '')"));
  }
  for (const Function* function : functions) {
    if (!Fits(*function, types)) continue;
    const bool has_pattern = e.name == "matches" || e.name == "find" || e.name == "findAll";
    if (has_pattern && e.parts[1]->kind == Node::kLiteral && !Pattern::Compile(e.parts[1]->value.text))
      BadValue(*e.parts[1], StrCat("invalid ", e.name, " argument"));
    CheckLiterals(e, types);
    if (e.name == "format.named") return OptionalOf(Of(TypeKind::kFormat));
    if (e.name == "flatten") {
      const Type inner = ElementOf(types[0]);
      if (inner.kind != TypeKind::kList && !IsDyn(inner)) return NoOverload(e, types);
      if (types.size() == 1 && inner.kind == TypeKind::kList) return inner;
    }
    return ResultType(*function, types);
  }
  return NoOverload(e, types);
}

Type Checker::CheckPart(const Expression& e) {
  switch (e.kind) {
    case Node::kLiteral:
      return Literal(e);
    case Node::kName:
      return Name(e);
    case Node::kSelect:
      return Select(e);
    case Node::kIndex:
      return Index(e);
    case Node::kCall:
      return Call(e);
    case Node::kOperator: {
      const std::vector<Type> types = CheckParts(e);
      return Operator(e, types);
    }
    case Node::kList:
      return ListLiteral(e);
    case Node::kMap:
      return MapLiteral(e);
    case Node::kOptionalItem: {
      const Type type = Check(*e.parts[0]);
      if (!IsDyn(type) && type.kind != TypeKind::kOptional) {
        return Bad(*e.parts[0], StrCat("expected type 'optional_type(", TypeName(type), ")' but found '",
                                       TypeName(type), "'"));
      }
      return ElementOf(type);
    }
    case Node::kLoop:
      return Loop(e);
  }
  return Type{};
}

}  // namespace

Type Of(TypeKind kind) { return {kind}; }
Type ListOf(Type element) { return {TypeKind::kList, std::make_shared<const Type>(std::move(element))}; }
Type MapOf(Type element) { return {TypeKind::kMap, std::make_shared<const Type>(std::move(element))}; }
Type OptionalOf(Type element) {
  return {TypeKind::kOptional, std::make_shared<const Type>(std::move(element))};
}
bool IsDyn(const Type& type) { return type.kind == TypeKind::kDyn; }
bool IsNumber(const Type& type) {
  return type.kind == TypeKind::kInt || type.kind == TypeKind::kUint || type.kind == TypeKind::kDouble;
}
Type ElementOf(const Type& type) { return type.element ? *type.element : Type{}; }

bool Meet(const Type& a, const Type& b) {
  if (IsDyn(a) || IsDyn(b)) return true;
  if (a.kind == TypeKind::kNull || b.kind == TypeKind::kNull) {
    const TypeKind other = a.kind == TypeKind::kNull ? b.kind : a.kind;
    return other == TypeKind::kNull || other == TypeKind::kObject || other == TypeKind::kTimestamp ||
           other == TypeKind::kDuration || other >= TypeKind::kUrl || other == TypeKind::kOptional;
  }
  if (a.kind != b.kind) return false;
  // Every object of a schema is a distinct type.
  if (a.kind == TypeKind::kObject) return a.node == b.node;
  if (a.kind == TypeKind::kList || a.kind == TypeKind::kMap || a.kind == TypeKind::kOptional)
    return Meet(ElementOf(a), ElementOf(b));
  return true;
}

bool IsOrdered(const Type& type) {
  return IsDyn(type) || type.kind == TypeKind::kBool || IsNumber(type) || type.kind == TypeKind::kString ||
         type.kind == TypeKind::kBytes || type.kind == TypeKind::kTimestamp ||
         type.kind == TypeKind::kDuration;
}

std::string TypeName(const Type& type) {
  switch (type.kind) {
    case TypeKind::kDyn:
      return type.failed ? "!error!" : "dyn";
    case TypeKind::kNull:
      return "null";
    case TypeKind::kBool:
      return "bool";
    case TypeKind::kInt:
      return "int";
    case TypeKind::kUint:
      return "uint";
    case TypeKind::kDouble:
      return "double";
    case TypeKind::kString:
      return "string";
    case TypeKind::kBytes:
      return "bytes";
    case TypeKind::kList:
      return "list(" + TypeName(ElementOf(type)) + ")";
    case TypeKind::kMap:
      return "map(" + TypeName(KeyOf(type)) + ", " + TypeName(ElementOf(type)) + ")";
    case TypeKind::kObject:
      return "object";
    case TypeKind::kTimestamp:
      return "timestamp";
    case TypeKind::kDuration:
      return "duration";
    case TypeKind::kOptional:
      return "optional_type(" + TypeName(ElementOf(type)) + ")";
    case TypeKind::kType:
      return "type";
    case TypeKind::kUrl:
      return "kubernetes.URL";
    case TypeKind::kIp:
      return "net.IP";
    case TypeKind::kCidr:
      return "net.CIDR";
    case TypeKind::kQuantity:
      return "kubernetes.Quantity";
    case TypeKind::kSemver:
      return "kubernetes.Semver";
    case TypeKind::kFormat:
      return "kubernetes.NamedFormat";
  }
  return "";
}

Type TypeOfSchema(const SchemaNode& node, bool root) {
  if (node.int_or_string) return {};
  if (node.type == "boolean") return Of(TypeKind::kBool);
  if (node.type == "integer") return Of(TypeKind::kInt);
  if (node.type == "number") return Of(TypeKind::kDouble);
  if (node.type == "string") {
    if (node.format == "date-time" || node.format == "date") return Of(TypeKind::kTimestamp);
    if (node.format == "byte") return Of(TypeKind::kBytes);
    return node.format == "duration" ? Of(TypeKind::kDuration) : Of(TypeKind::kString);
  }
  if (node.type == "array")
    return ListOf(node.items ? TypeOfSchema(*node.items, node.items->embedded_resource) : Type{});
  if (node.type != "object") return {};
  if (node.additional) return MapOf(TypeOfSchema(*node.additional, node.additional->embedded_resource));
  return {TypeKind::kObject, {}, {}, &node, root};
}

Result<Type> CheckCel(std::string_view source, const Expression& expression, const SchemaNode& self,
                      bool root, bool optional_old, TypesOf* types) {
  return Checker(source, self, root, optional_old, types).CheckAll(expression);
}

Result<Type> CheckCelAbout(std::string_view source, const Expression& expression,
                           const std::vector<std::string>& names) {
  return Checker(source, names).CheckAll(expression);
}

bool Uses(const Expression& expression, std::string_view name) {
  if (expression.kind == Node::kName && expression.name == name) return true;
  return std::any_of(expression.parts.begin(), expression.parts.end(),
                     [name](const auto& part) { return Uses(*part, name); });
}

}  // namespace capstan::apiserver::cel
