#include <gflags/gflags.h>

#include <iostream>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/new/project.hpp>
#include <capstan/apps/capstan/wiring/output_flag.hpp>
#include <capstan/apps/capstan/wiring/written_files.hpp>
#include <capstan/core/base/files.hpp>
#include <capstan/core/base/text.hpp>

DEFINE_string(folder, "",
              "the folder to write to (default: one named after the project, in the current folder)");
DEFINE_string(kind_name, "", "operator only: the kind that it serves (default: derived from the name)");
DEFINE_string(kind_group, "example.dev", "operator only: the group of that kind");

namespace capstan::app {
namespace {

// Never overwrites existing files.
Status Write(Files& files, const std::string& folder, const std::vector<ProjectFile>& project) {
  if (files.Exists(folder)) {
    CAPSTAN_TRY(const auto entries, files.List(folder));
    if (!entries.empty())
      return Fail(Code::kAlreadyExists,
                  folder + " exists and is not empty; choose another folder with --folder");
  }
  CAPSTAN_RETURN_IF_ERROR(files.MakeDirectories(folder));
  for (const ProjectFile& file : project)
    CAPSTAN_RETURN_IF_ERROR(files.WriteAtomically(folder + "/" + file.path, file.content, 0644));
  return {};
}

int RunNewCommand(const std::vector<std::string>& operands) {
  const bool known = operands.size() == 2 && (operands[0] == "operator" || operands[0] == "provider");
  if (!known)
    return PrintError(
        "new takes a kind of project and its name: `capstan new operator NAME` or `capstan new provider "
        "NAME`",
        2);
  if (auto understood = CheckOutputFlag(); !understood)
    return PrintError("new: " + understood.error().message, 2);
  const std::string& name = operands[1];
  const bool is_operator = operands[0] == "operator";
  const auto project =
      is_operator ? OperatorProject({name, FLAGS_kind_name, FLAGS_kind_group}) : ProviderProject(name);
  if (!project) return PrintError("new: " + project.error().message, 2);
  const std::string folder = FLAGS_folder.empty() ? name : FLAGS_folder;
  const auto files = MakeSystemFiles();
  if (const Status written = Write(*files, folder, *project); !written)
    return PrintError("new: " + written.error().message);
  std::vector<std::string> paths;
  for (const ProjectFile& file : *project) paths.push_back(folder + "/" + file.path);
  std::cout << WrittenFiles(paths, WantedFormat());
  if (WantedFormat() != OutputFormat::kText) return 0;
  std::cout << "\nbuild it: cmake -S " << folder << " -B " << folder
            << "/build -DCMAKE_PREFIX_PATH=PREFIX && cmake --build " << folder
            << "/build\n(PREFIX is where Capstan's component"
            << (is_operator ? "s core and testing are" : " sdk is") << " installed)\n";
  return 0;
}

}  // namespace

const CommandInfo kNewCommand = {"new",
                                 "Write a project to start from: an operator, or a provider of a cloud.",
                                 "new operator|provider NAME [-o text|json|yaml] [FLAGS]",
                                 {__FILE__, kOutputFlag},
                                 RunNewCommand};

}  // namespace capstan::app
