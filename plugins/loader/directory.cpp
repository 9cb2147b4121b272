#include <capstan/plugins/loader/directory.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::loader {
namespace {

Status CheckUnique(const Plugin& plugin, const std::vector<std::shared_ptr<const Plugin>>& others) {
  for (const auto& other : others) {
    if (other->manifest().name == plugin.manifest().name) {
      return Fail(Code::kAlreadyExists,
                  StrCat(plugin.path(), " was refused: the plugin ", plugin.manifest().name,
                         " is loaded already from ", other->path(), "; remove one of the two"));
    }
    for (const external::KindInfo& kind : plugin.manifest().kinds) {
      for (const external::KindInfo& served : other->manifest().kinds) {
        if (kind.group != served.group || kind.kind != served.kind) continue;
        return Fail(Code::kAlreadyExists,
                    StrCat(plugin.path(), " was refused: ", kind.group, "/", kind.kind,
                           " is served already by ", other->path(), "; remove one of the two"));
      }
    }
  }
  return {};
}

}  // namespace

Directory LoadDirectory(Files& files, const std::string& directory, const Seams& seams,
                        const LoadOptions& options) {
  Directory loaded;
  const auto names = files.List(directory);
  if (!names) {
    loaded.refusals.push_back({directory, Annotate(names.error(), "no plugin can be loaded").value()});
    return loaded;
  }
  bool any = false;
  for (const std::string& name : *names) {
    if (!name.ends_with(".so")) continue;
    any = true;
    const std::string path = directory.ends_with('/') ? directory + name : directory + "/" + name;
    auto plugin = LoadPlugin(files, path, seams, options);
    Status sound = plugin ? CheckUnique(**plugin, loaded.plugins) : Status(Fail(plugin.error()));
    if (sound) {
      loaded.plugins.push_back(*std::move(plugin));
    } else {
      loaded.refusals.push_back({path, std::move(sound).error()});
    }
  }
  if (!any) {
    Error none = Fail(Code::kNotFound,
                      StrCat(directory,
                             " holds no plugin (no file that ends in .so); install one there, or name "
                             "another folder with --plugin-dir"))
                     .value();
    loaded.refusals.push_back({directory, std::move(none)});
  }
  return loaded;
}

}  // namespace capstan::loader
