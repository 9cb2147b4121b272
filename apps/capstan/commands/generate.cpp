#include <gflags/gflags.h>

#include <iostream>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/generate/generator.hpp>
#include <capstan/apps/capstan/wiring/output_flag.hpp>
#include <capstan/apps/capstan/wiring/written_files.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/text.hpp>

DEFINE_string(generate__out, "", "the directory to write to; for crd and rbac empty: standard output");
DEFINE_string(generate__version, "",
              "types: the version of the CRD (default: the only one, else the storage version)");
DEFINE_string(generate__kinds, "",
              "types: comma-separated kinds of an OpenAPI document, such as apps/v1/Deployment,v1/ConfigMap");
DEFINE_string(generate__cpp_namespace, "",
              "types: the C++ namespace (default: from group and version, such as example_dev::v1)");
DEFINE_string(generate__name, "",
              "types: the name of the files without ending (default: the kind); rbac: the name of the roles "
              "(default: the program's)");
DEFINE_string(generate__operator_namespace, "default", "rbac: the namespace that the operator runs in");
DEFINE_string(generate__namespaces, "",
              "rbac: comma-separated namespaces to grant the rights in (default: everywhere)");

namespace capstan::app {
namespace {

constexpr char kUsage[] =
    "generate takes what to write and from what: types FILE, crd FILE, or rbac PROGRAM; see `capstan "
    "generate --help`";

// Without a directory, prints the objects themselves; otherwise the names of the written files.
int Deliver(const std::string& name, const std::vector<Json>& objects) {
  const auto yaml = ManifestAsYaml(objects);
  if (!yaml) return PrintError("generate: " + yaml.error().message);
  if (FLAGS_generate__out.empty()) {
    std::cout << (WantedFormat() == OutputFormat::kJson ? ManifestAsJson(objects) : *yaml);
    return 0;
  }
  const auto files = MakeSystemFiles();
  const Status written = WriteFiles(*files, FLAGS_generate__out, {{name, *yaml}});
  if (!written) return PrintError("generate: " + written.error().message);
  std::cout << WrittenFiles({FLAGS_generate__out + "/" + name}, WantedFormat());
  return 0;
}

int Types(const std::string& file) {
  if (FLAGS_generate__out.empty())
    return PrintError("generate types: name the directory to write to with --out", 2);
  TypesRequest request{
      file, FLAGS_generate__version, {}, FLAGS_generate__cpp_namespace, FLAGS_generate__name};
  for (const std::string& kind : Split(FLAGS_generate__kinds, ',')) {
    if (!Trim(kind).empty()) request.kinds.emplace_back(Trim(kind));
  }
  const auto files = MakeSystemFiles();
  const auto contents = GenerateTypes(*files, request);
  if (!contents) return PrintError("generate types: " + contents.error().message);
  const Status written = WriteFiles(*files, FLAGS_generate__out, *contents);
  if (!written) return PrintError("generate types: " + written.error().message);
  std::vector<std::string> paths;
  for (const auto& [name, content] : *contents) paths.push_back(FLAGS_generate__out + "/" + name);
  std::cout << WrittenFiles(paths, WantedFormat());
  return 0;
}

int Crd(const std::string& file) {
  const auto files = MakeSystemFiles();
  const auto crd = GenerateCrd(*files, file);
  if (!crd) return PrintError("generate crd: " + crd.error().message);
  return Deliver("crd.yaml", *crd);
}

int Rbac(const std::string& program) {
  const auto process = MakeSystemProcess();
  Context context;
  const auto said = process->Run({{program, "--print-rules"}, {}, "", std::size_t{4} << 20}, context);
  if (!said) return PrintError("generate rbac: " + said.error().message);
  if (said->exit_status != 0) {
    return PrintError(
        "generate rbac: " + program + " --print-rules failed with status " +
        std::to_string(said->exit_status) +
        "; it must be an operator built on capstan/operator.hpp: " + Shorten(said->error_output, 300));
  }
  const auto rules = Json::Parse(said->output);
  if (!rules)
    return PrintError("generate rbac: what " + program +
                      " --print-rules printed is no JSON: " + rules.error().message);
  const std::string own = program.substr(program.rfind('/') + 1);
  std::vector<std::string> namespaces;
  for (const std::string& one : Split(FLAGS_generate__namespaces, ',')) {
    if (!Trim(one).empty()) namespaces.emplace_back(Trim(one));
  }
  const auto roles = RbacManifest(*rules, FLAGS_generate__name.empty() ? own : FLAGS_generate__name,
                                  FLAGS_generate__operator_namespace, namespaces);
  if (!roles) return PrintError("generate rbac: " + program + ": " + roles.error().message);
  return Deliver("rbac.yaml", *roles);
}

int RunGenerateCommand(const std::vector<std::string>& operands) {
  if (operands.size() != 2) return PrintError(kUsage, 2);
  if (auto understood = CheckOutputFlag(); !understood)
    return PrintError("generate: " + understood.error().message, 2);
  if (operands[0] == "types") return Types(operands[1]);
  if (operands[0] == "crd") return Crd(operands[1]);
  if (operands[0] == "rbac") return Rbac(operands[1]);
  return PrintError(kUsage, 2);
}

}  // namespace

const CommandInfo kGenerateCommand = {
    "generate",
    "Write C++ types from a CRD, a CRD from a short schema, or the roles of an operator.",
    "generate types|crd|rbac FILE [-o text|json|yaml] [FLAGS]",
    {__FILE__, kOutputFlag},
    RunGenerateCommand};

}  // namespace capstan::app
