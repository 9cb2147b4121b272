// Loads a plugin file and runs the conformance suite with the simulated made-up cloud, which has
// the template's API. Prints the report; exit status 0 if all checks passed.
#include <iostream>

#include <capstan/sdk/conformance/conformance.hpp>
#include <capstan/tests/abi/plugin_world.hpp>

int main(int count, char** arguments) {
  using namespace capstan;
  if (count != 3) {
    std::cerr << "usage: verify FILE KIND\n";
    return 2;
  }
  abi::PluginWorld world;
  const auto plugin = loader::LoadPlugin(*world.files, arguments[1], world.seams());
  if (!plugin) {
    std::cerr << plugin.error().message << "\n";
    return 1;
  }
  const auto make = [&](http::Transport& transport, Log& log) {
    return loader::MakeProvider(*plugin, R"({"apiURL":"http://cloud.test"})",
                                {world.scheduler, transport, *world.random, log});
  };
  conformance::Subject subject{world.scheduler, world.transport, make, arguments[2], {}, {},
                               nullptr,         nullptr};
  subject.credentials = {{{"token", Secret("token-a")}}};
  subject.refused_credentials = external::Credentials{{{"token", Secret("token-x")}}};
  const auto desired = [](const std::string& name, int size) {
    return R"({"name":")" + name + R"(","namespace":"n","uid":"u","spec":{"size":)" + std::to_string(size) +
           "}}";
  };
  subject.desired = [&](const std::string& name) { return desired(name, 2); };
  subject.changed = [&](const std::string& name) { return desired(name, 5); };
  const auto findings = conformance::Verify(subject, Context{});
  std::cout << conformance::Report(findings);
  return conformance::AllPassed(findings) ? 0 : 1;
}
