#include <capstan/tests/fuzz/target.hpp>

#include <cstdio>
#include <cstdlib>

namespace capstan::fuzz {

const std::vector<Target>& Targets() {
  static const std::vector<Target> all = {
      {"messages", FuzzMessages},
      {"items", FuzzItems},
      {"objects", FuzzObjects},
      {"patches", FuzzPatches},
      {"kubernetes_texts", FuzzKubernetesTexts},
      {"times_and_selectors", FuzzTimesAndSelectors},
      {"plugins", FuzzPlugins},
      {"plugin_answers", FuzzPluginAnswers},
      {"digitalocean", FuzzDigitalOcean},
      {"cel", FuzzCel},
      {"schemas", FuzzSchemas},
      {"patterns", FuzzPatterns},
      {"bodies", FuzzBodies},
      {"merges", FuzzMerges},
      {"apiserver", FuzzApiServer},
      {"simulator", FuzzSimulator},
      {"sdk_json", FuzzSdkJson},
  };
  return all;
}

void Broken(const char* file, int line, const char* statement, const std::string& detail) {
  std::fprintf(stderr, "%s:%d: false: %s\n%s\n", file, line, statement, detail.c_str());
  std::abort();
}

}  // namespace capstan::fuzz
