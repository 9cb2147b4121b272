// YAML in and out, through yaml-cpp: the only file that knows it.
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>

#include <yaml-cpp/yaml.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/requests/content.hpp>

namespace capstan::apiserver {
namespace {

struct TooDeep {};
struct TooManyAliases {};

// Aliases are copied where they are used; a small document can mean billions of nodes.
constexpr int kNodesLimit = 1000000;

// What YAML 1.2's core schema, and Kubernetes' parser, make of a plain scalar.
json::Tree PlainScalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return json::Tree();
  for (const char* word : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"}) {
    if (text == word) return json::Tree(true);
  }
  for (const char* word : {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"}) {
    if (text == word) return json::Tree(false);
  }
  const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
  const char* end = text.data() + text.size();
  std::int64_t integer = 0;
  auto whole = std::from_chars(begin, end, integer);
  if (whole.ec == std::errc{} && whole.ptr == end) return json::Tree(integer);
  bool numeric = std::isdigit(static_cast<unsigned char>(*begin)) != 0 || *begin == '-' || *begin == '.';
  double real = 0;
  auto parsed = std::from_chars(begin, end, real);
  if (numeric && parsed.ec == std::errc{} && parsed.ptr == end && std::isfinite(real))
    return json::Tree(real);
  return json::Tree(text);
}

json::Tree FromNode(const YAML::Node& node, int depth, int& budget) {
  if (depth <= 0) throw TooDeep{};
  if (--budget <= 0) throw TooManyAliases{};
  switch (node.Type()) {
    case YAML::NodeType::Map: {
      json::ObjectPtr object = json::MakeObject();
      for (const auto& entry : node)
        object->set(entry.first.as<std::string>(), FromNode(entry.second, depth - 1, budget));
      return json::Tree(object);
    }
    case YAML::NodeType::Sequence: {
      json::ArrayPtr array = json::MakeArray();
      for (const auto& entry : node) array->add(FromNode(entry, depth - 1, budget));
      return json::Tree(array);
    }
    case YAML::NodeType::Scalar:
      return node.Tag() == "!" ? json::Tree(node.Scalar()) : PlainScalar(node.Scalar());
    default:
      return json::Tree();
  }
}

// Whether text may not stand without quotes.
bool NeedsQuotes(const std::string& text) {
  if (PlainScalar(text).isString() == false) return true;
  return false;
}

void Emit(YAML::Emitter& out, const json::Tree& tree) {
  if (json::ObjectPtr object = json::AsObject(tree)) {
    std::vector<std::string> names;
    object->getNames(names);
    std::map<std::string, json::Tree> sorted;
    for (const std::string& name : names) sorted[name] = object->get(name);
    if (sorted.empty()) {
      out << YAML::Flow << YAML::BeginMap << YAML::EndMap;
      return;
    }
    out << YAML::Block << YAML::BeginMap;
    for (const auto& [name, value] : sorted) {
      out << YAML::Key;
      if (NeedsQuotes(name)) out << YAML::DoubleQuoted;
      out << name << YAML::Value;
      Emit(out, value);
    }
    out << YAML::EndMap;
  } else if (json::ArrayPtr array = json::AsArray(tree)) {
    if (array->size() == 0) {
      out << YAML::Flow << YAML::BeginSeq << YAML::EndSeq;
      return;
    }
    out << YAML::Block << YAML::BeginSeq;
    for (std::size_t i = 0; i < array->size(); ++i) Emit(out, array->get(static_cast<unsigned>(i)));
    out << YAML::EndSeq;
  } else if (json::IsNull(tree)) {
    out << YAML::Null;  // the word itself would be quoted
  } else if (tree.isString()) {
    const std::string text = tree.convert<std::string>();
    if (text.find('\n') != std::string::npos) {
      out << YAML::Literal;
    } else if (NeedsQuotes(text)) {
      out << YAML::DoubleQuoted;
    }
    out << text;
  } else {
    out << json::ToText(tree);
  }
}

}  // namespace

Result<json::Tree> ParseYaml(std::string_view text, int depth) {
  try {
    int budget = kNodesLimit;
    // In place: Var converts to anything.
    return Result<json::Tree>(tl::in_place, FromNode(YAML::Load(std::string(text)), depth, budget));
  } catch (const TooDeep&) {
    return Fail(Code::kTooLarge, StrCat("the YAML document is nested deeper than ", depth));
  } catch (const TooManyAliases&) {
    return Fail(Code::kInvalidArgument,
                "error converting YAML to JSON: yaml: document contains excessive aliasing");
  } catch (const YAML::Exception& error) {
    return Fail(Code::kInvalidArgument, StrCat("error converting YAML to JSON: ", error.what()));
  }
}

std::string ToYaml(const json::Tree& tree) {
  YAML::Emitter out;
  Emit(out, tree);
  return StrCat(out.c_str(), "\n");
}

}  // namespace capstan::apiserver
