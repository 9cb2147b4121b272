// Private to the sources of this repository: reads and writes YAML like Kubernetes, that is, like
// Go's sigs.k8s.io/yaml: YAML 1.1, with the scanner from which Go's was ported (libyaml) and this
// one rule for plain scalars.
//
//   null      empty, ~, null                       boolean   true false yes no on off y n
//   number    12, -3, 1_000, 0x1f, 0b11, 0o17, and 017 (octal as well: 0644 is 420), 1.5, 1e3
//   string    everything else, timestamps included, and everything in quotes
//
// The words are also recognized with a capital first letter or in capitals. A whole number with a
// point or an exponent is an integer (1.0 is 1), because JSON has one kind of number. YAML's own
// tags take precedence (!!str 12 is "12"; !!binary is decoded); other tags are ignored. `<<` merges
// at its position: later entries in the mapping override earlier ones, and in a list of mappings
// the earlier mapping wins. Keys that are numbers or booleans become text; if a key occurs twice,
// the last value wins.
//
// Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::json {

struct YamlLimits {
  int depth = 100;  // levels of mappings and sequences; capped at 1024
  // How many bytes aliases can add: each node they repeat counts as its text plus 64. A document of
  // a few lines can expand to billions of nodes.
  std::size_t expansion = std::size_t{32} << 20;
};

// A YAML value and its position. Owns all nodes below it.
struct YamlNode {
  enum class Kind { kNull, kBoolean, kNumber, kString, kSequence, kMapping };

  bool IsScalar() const { return kind != Kind::kSequence && kind != Kind::kMapping; }
  // The value of a mapping's key; null if there is none, or if this is not a mapping.
  const YamlNode* Find(std::string_view key) const;

  Kind kind = Kind::kNull;
  std::string text;               // of a scalar, as written without its quotes
  Tree value;                     // of a boolean or number
  std::size_t line = 0;           // counted from 1
  std::vector<std::string> keys;  // of a mapping, as written, each once
  std::vector<YamlNode> items;    // of a sequence; of a mapping: the value of each key
};

// A key that occurs more than once in its mapping.
struct RepeatedKey {
  std::string path;      // spec.nodePools[0].size; at most 1000 bytes
  std::string key;       // size; at most 1000 bytes
  std::size_t line = 0;  // the line of the repetition
};

struct YamlDocument {
  YamlNode root;
  std::vector<RepeatedKey> repeated;  // the first 100, in the order of the text
};

// The first document of a text; null if there is none. Errors: kInvalidArgument, one line that
// starts with "yaml: line N: " (not YAML, an alias that is undefined or inside its own anchor,
// excessive aliasing, a value that contradicts its tag, a key that is null, a list or a mapping, a
// number that is not finite); kTooLarge (deeper than the limit). Time and memory are linear in the
// text and in limits.expansion.
Result<YamlDocument> ReadYaml(std::string_view text, const YamlLimits& limits = {});

Tree ToTree(const YamlNode& node);

// ReadYaml, but returns the first document as a tree.
Result<Tree> ParseYaml(std::string_view text, const YamlLimits& limits = {});

// Writes JSON as YAML like kubectl: keys sorted, sequences not indented, multi-line texts as
// blocks, quotes only where needed. ParseYaml reads the same tree back, whatever its texts contain;
// bytes that are not UTF-8 become U+FFFD.
std::string ToYaml(const Tree& tree);

}  // namespace capstan::json
