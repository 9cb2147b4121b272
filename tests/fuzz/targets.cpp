#include <capstan/tests/fuzz/target.hpp>

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

}  // namespace capstan::fuzz
