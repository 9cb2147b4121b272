#include <capstan/core/json/yaml.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include <yaml.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/yaml/yaml_scalar.hpp>

namespace capstan::json {
namespace {

using Kind = YamlNode::Kind;

constexpr int kDeepestYaml = 1024;          // any thread's stack has room for this recursion
constexpr std::size_t kRepeatedKeys = 100;  // reported
constexpr std::size_t kPathLength = 1000;
constexpr std::size_t kNodeCost = 64;

std::string Text(const yaml_char_t* text) {
  return text == nullptr ? "" : reinterpret_cast<const char*>(text);
}

Failure Bad(std::size_t line, std::string_view what) {
  return Fail(Code::kInvalidArgument, StrCat("yaml: line ", line, ": ", what));
}

// The events of a text, one at a time.
class Events {
 public:
  explicit Events(std::string_view text) {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~Events() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  Status Next() {
    yaml_event_delete(&event_);
    if (yaml_parser_parse(&parser_, &event_) != 0) return {};
    event_ = {};
    if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    return Bad(parser_.problem_mark.line + 1,
               parser_.problem == nullptr ? "it cannot be read" : parser_.problem);
  }
  const yaml_event_t& event() const { return event_; }
  yaml_event_type_t type() const { return event_.type; }
  std::size_t line() const { return event_.start_mark.line + 1; }

 private:
  yaml_parser_t parser_{};
  yaml_event_t event_{};
};

// One mapping during parsing: its keys so far and their positions.
class Mapping {
 public:
  explicit Mapping(YamlNode& node) : node_(node) {}

  // Whether the key is new. The last value wins.
  bool Set(const std::string& key, YamlNode value) {
    const auto [found, is_new] = index_.try_emplace(key, node_.keys.size());
    if (!is_new) {
      node_.items[found->second] = std::move(value);
      return false;
    }
    node_.keys.push_back(key);
    node_.items.push_back(std::move(value));
    return true;
  }

 private:
  YamlNode& node_;
  std::unordered_map<std::string, std::size_t> index_;
};

class Reader {
 public:
  Reader(std::string_view text, const YamlLimits& limits)
      : events_(text), depth_(std::min(limits.depth, kDeepestYaml)), expansion_(limits.expansion) {}

  Result<YamlDocument> Read() {
    while (events_.type() != YAML_DOCUMENT_START_EVENT) {
      CAPSTAN_RETURN_IF_ERROR(events_.Next());
      if (events_.type() == YAML_STREAM_END_EVENT) return std::move(document_);
    }
    CAPSTAN_RETURN_IF_ERROR(events_.Next());
    CAPSTAN_TRY(document_.root, Node(depth_));
    return std::move(document_);
  }

 private:
  // Reads the node that starts at the current event; then its last event is the current one.
  Result<YamlNode> Node(int depth) {
    switch (events_.type()) {
      case YAML_SCALAR_EVENT:
        return Scalar();
      case YAML_SEQUENCE_START_EVENT:
        return Sequence(depth);
      case YAML_MAPPING_START_EVENT:
        return Map(depth);
      default:
        return Alias(depth);
    }
  }

  Result<YamlNode> Scalar() {
    const auto& scalar = events_.event().data.scalar;
    YamlNode node;
    node.line = events_.line();
    node.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    const std::string tag = Text(scalar.tag), anchor = Text(scalar.anchor);
    if (tag.empty() && scalar.plain_implicit == 0) {
      node.kind = Kind::kString;
    } else {
      auto value = ResolveScalar(tag, node.text);
      if (!value) return Bad(node.line, value.error().message);
      Take(*value, node);
    }
    CAPSTAN_RETURN_IF_ERROR(Remember(anchor, node, 1));
    return node;
  }

  static void Take(const Tree& value, YamlNode& node) {
    if (IsNull(value)) {
      node.kind = Kind::kNull;
    } else if (value.isString()) {
      node.kind = Kind::kString;
      node.text = value.extract<std::string>();
    } else {
      node.kind = value.isBoolean() ? Kind::kBoolean : Kind::kNumber;
      node.value = value;
    }
  }

  Failure TooDeep() const {
    return Fail(Code::kTooLarge,
                StrCat("yaml: line ", events_.line(), ": nested deeper than ", depth_, " levels"));
  }

  Result<YamlNode> Sequence(int depth) {
    if (depth <= 0) return TooDeep();
    YamlNode node;
    node.kind = Kind::kSequence;
    node.line = events_.line();
    const std::string anchor = Open(Text(events_.event().data.sequence_start.anchor));
    for (;;) {
      CAPSTAN_RETURN_IF_ERROR(events_.Next());
      if (events_.type() == YAML_SEQUENCE_END_EVENT) break;
      const std::size_t length = path_.size();
      path_ += StrCat("[", node.items.size(), "]");
      CAPSTAN_TRY(YamlNode item, Node(depth - 1));
      path_.resize(length);
      node.items.push_back(std::move(item));
    }
    CAPSTAN_RETURN_IF_ERROR(Remember(anchor, node, depth));
    return node;
  }

  Result<YamlNode> Map(int depth) {
    if (depth <= 0) return TooDeep();
    YamlNode node;
    node.kind = Kind::kMapping;
    node.line = events_.line();
    const std::string anchor = Open(Text(events_.event().data.mapping_start.anchor));
    Mapping mapping(node);
    std::unordered_map<std::string, bool> written;  // in this mapping itself: merged keys do not count
    for (;;) {
      CAPSTAN_RETURN_IF_ERROR(events_.Next());
      if (events_.type() == YAML_MAPPING_END_EVENT) break;
      const std::size_t line = events_.line();
      const bool merge = IsMerge();
      CAPSTAN_TRY(const YamlNode key, Node(depth - 1));
      CAPSTAN_TRY(const std::string name, KeyText(key, line));
      const std::size_t length = path_.size();
      path_ += path_.empty() ? name : "." + name;
      if (!merge && !written.try_emplace(name, true).second) Repeat(name, line);
      CAPSTAN_RETURN_IF_ERROR(events_.Next());
      const bool merges_list = merge && events_.type() == YAML_SEQUENCE_START_EVENT;
      CAPSTAN_TRY(YamlNode value, Node(depth - 1));
      path_.resize(length);
      if (!merge) {
        mapping.Set(name, std::move(value));
      } else if (!Merge(std::move(value), merges_list, mapping)) {
        return Bad(line, "map merge requires map or sequence of maps as the value");
      }
    }
    CAPSTAN_RETURN_IF_ERROR(Remember(anchor, node, depth));
    return node;
  }

  bool IsMerge() const {
    if (events_.type() != YAML_SCALAR_EVENT) return false;
    const auto& scalar = events_.event().data.scalar;
    const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
    return text == "<<" && (scalar.plain_implicit != 0 || Text(scalar.tag) == "tag:yaml.org,2002:merge");
  }

  static bool Merge(YamlNode source, bool is_list, Mapping& into) {
    if (is_list) {
      const auto is_mapping = [](const YamlNode& item) { return item.kind == Kind::kMapping; };
      if (!std::all_of(source.items.begin(), source.items.end(), is_mapping)) return false;
      for (auto item = source.items.rbegin(); item != source.items.rend(); ++item)
        Merge(std::move(*item), false, into);
      return true;
    }
    if (source.kind != Kind::kMapping) return false;
    for (std::size_t i = 0; i < source.keys.size(); ++i) into.Set(source.keys[i], std::move(source.items[i]));
    return true;
  }

  void Repeat(std::string_view key, std::size_t line) {
    if (document_.repeated.size() < kRepeatedKeys)
      document_.repeated.push_back({Shorten(path_, kPathLength), Shorten(key, kPathLength), line});
  }

  // Converts keys that are not strings like sigs.k8s.io/yaml.
  static Result<std::string> KeyText(const YamlNode& key, std::size_t line) {
    if (key.kind == Kind::kString) return key.text;
    if (key.kind == Kind::kBoolean) return std::string(key.value.extract<bool>() ? "true" : "false");
    if (key.kind == Kind::kNumber) return ToText(key.value);
    return Bad(line, StrCat("a key cannot be ", key.kind == Kind::kNull ? "null" : "a list or a mapping",
                            ": quote it if it is text"));
  }

  // Until a node with an anchor ends, an alias to it is inside the node itself.
  std::string Open(std::string anchor) {
    if (!anchor.empty()) anchors_[anchor] = std::nullopt;
    return anchor;
  }

  // The copy kept for aliases costs as much as one alias.
  Status Remember(const std::string& anchor, const YamlNode& node, int depth) {
    if (anchor.empty()) return {};
    CAPSTAN_RETURN_IF_ERROR(Charge(node, depth));
    anchors_[anchor] = node;
    return {};
  }

  Result<YamlNode> Alias(int depth) {
    const std::string anchor = Text(events_.event().data.alias.anchor);
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      return Bad(events_.line(), StrCat("unknown anchor '", Shorten(anchor, 60), "' referenced"));
    if (!found->second)
      return Bad(events_.line(), StrCat("anchor '", Shorten(anchor, 60), "' value contains itself"));
    CAPSTAN_RETURN_IF_ERROR(Charge(*found->second, depth));
    return *found->second;
  }

  // Charges for a copy before it is made.
  Status Charge(const YamlNode& node, int depth) {
    std::size_t cost = kNodeCost + node.text.size();
    for (const std::string& key : node.keys) cost += kNodeCost + key.size();
    if (cost > expansion_) return Bad(events_.line(), "document contains excessive aliasing");
    expansion_ -= cost;
    if (node.IsScalar()) return {};
    if (depth <= 0) return TooDeep();
    for (const YamlNode& item : node.items) CAPSTAN_RETURN_IF_ERROR(Charge(item, depth - 1));
    return {};
  }

  Events events_;
  const int depth_;
  std::size_t expansion_;  // remaining
  std::string path_;
  std::map<std::string, std::optional<YamlNode>> anchors_;
  YamlDocument document_;
};

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  const auto found = std::find(keys.begin(), keys.end(), key);
  return found == keys.end() ? nullptr : &items[static_cast<std::size_t>(found - keys.begin())];
}

Result<YamlDocument> ReadYaml(std::string_view text, const YamlLimits& limits) {
  return Reader(text, limits).Read();
}

Tree ToTree(const YamlNode& node) {
  switch (node.kind) {
    case Kind::kNull:
      return {};
    case Kind::kString:
      return node.text;
    case Kind::kSequence: {
      ArrayPtr array = MakeArray();
      for (const YamlNode& item : node.items) array->add(ToTree(item));
      return array;
    }
    case Kind::kMapping: {
      ObjectPtr object = MakeObject(node.keys.size());
      for (std::size_t i = 0; i < node.keys.size(); ++i) object->set(node.keys[i], ToTree(node.items[i]));
      return object;
    }
    default:
      return node.value;
  }
}

Result<Tree> ParseYaml(std::string_view text, const YamlLimits& limits) {
  CAPSTAN_TRY(const YamlDocument document, ReadYaml(text, limits));
  return Result<Tree>(tl::in_place, ToTree(document.root));
}

}  // namespace capstan::json
