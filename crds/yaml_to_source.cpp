// Build tool: turns a YAML document into a C++ function that returns it as JSON text, so that the
// plugin carries its CRD. yaml_to_source INPUT.yaml OUTPUT.cpp NAMESPACE FUNCTION
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <capstan/core/json/yaml.hpp>

namespace {

int Refuse(const std::string& file, const std::string& why) {
  std::cerr << file << ": " << why << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: yaml_to_source INPUT.yaml OUTPUT.cpp NAMESPACE FUNCTION\n";
    return 2;
  }
  std::ifstream in(argv[1]);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in || text.empty()) return Refuse(argv[1], "it cannot be read, or is empty");
  const auto document = capstan::json::ReadYaml(text);
  if (!document) return Refuse(argv[1], document.error().message);
  if (!document->repeated.empty())
    return Refuse(argv[1], document->repeated.front().path + " is given twice: remove one of the two");
  const std::string json = capstan::json::ToText(capstan::json::ToTree(document->root));
  std::ofstream out(argv[2]);
  out << "#include <string>\nnamespace " << argv[3] << " {\nstd::string " << argv[4] << "() {\n  return";
  // In pieces: compilers limit the length of one literal.
  for (std::size_t at = 0; at < json.size(); at += 8000)
    out << "\n      R\"crd~(" << json.substr(at, 8000) << ")crd~\"";
  out << ";\n}\n}  // namespace " << argv[3] << "\n";
  if (!out.flush()) return Refuse(argv[2], "it cannot be written");
  return 0;
}
