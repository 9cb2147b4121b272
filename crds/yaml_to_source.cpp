// Build tool: turns a YAML document into a C++ function that returns it as JSON text, so that the
// plugin carries its CRD. yaml_to_source INPUT.yaml OUTPUT.cpp NAMESPACE FUNCTION
#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

namespace {

std::string Quote(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

// YAML 1.2's core schema for plain scalars; quoted ones ("!") are strings.
std::string Scalar(const YAML::Node& node) {
  const auto& text = node.Scalar();
  if (node.Tag() == "!") return Quote(text);
  if (text == "true" || text == "false") return text;
  if (text == "null" || text == "~" || text.empty()) return "null";
  bool number =
      text.find_first_not_of("0123456789", text[0] == '-' ? 1 : 0) == std::string::npos && text != "-";
  return number ? text : Quote(text);
}

std::string ToJson(const YAML::Node& node) {
  std::string out;
  if (node.IsMap()) {
    for (const auto& entry : node)
      out += (out.empty() ? "{" : ",") + Quote(entry.first.Scalar()) + ":" + ToJson(entry.second);
    return out.empty() ? "{}" : out + "}";
  }
  if (node.IsSequence()) {
    for (const auto& item : node) out += (out.empty() ? "[" : ",") + ToJson(item);
    return out.empty() ? "[]" : out + "]";
  }
  return node.IsScalar() ? Scalar(node) : "null";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: yaml_to_source INPUT.yaml OUTPUT.cpp NAMESPACE FUNCTION\n";
    return 2;
  }
  try {
    const std::string json = ToJson(YAML::LoadFile(argv[1]));
    std::ofstream out(argv[2]);
    out << "#include <string>\nnamespace " << argv[3] << " {\nstd::string " << argv[4] << "() {\n  return";
    // In pieces: compilers limit the length of one literal.
    for (std::size_t at = 0; at < json.size(); at += 8000)
      out << "\n      R\"crd~(" << json.substr(at, 8000) << ")crd~\"";
    out << ";\n}\n}  // namespace " << argv[3] << "\n";
    if (!out.flush()) {
      std::cerr << argv[2] << ": could not be written\n";
      return 1;
    }
  } catch (const std::exception& error) {
    std::cerr << argv[1] << ": " << error.what() << "\n";
    return 1;
  }
  return 0;
}
