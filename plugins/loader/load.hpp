// LoadPlugin loads a plugin into this process: it is checked before dlopen, loaded from a sealed
// copy in memory (so that replacing or truncating the file later has no effect), and never
// unloaded.
#pragma once

#include <memory>
#include <string>

#include <capstan/plugin.h>
#include <capstan/core/base/files.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/plugins/loader/calls/answer.hpp>
#include <capstan/plugins/loader/inspect.hpp>
#include <capstan/plugins/loader/seams.hpp>

namespace capstan::loader {

// A loaded plugin. Immutable; thread-safe.
class Plugin {
 public:
  Plugin(std::string path, Inspection inspection, external::Manifest manifest, capstan_plugin_t operations,
         Image image);

  const std::string& path() const { return path_; }
  const Inspection& inspection() const { return inspection_; }
  const external::Manifest& manifest() const { return manifest_; }

  // For the adapter: every slot is callable; those the plugin left empty answer "not offered".
  const capstan_plugin_t& operations() const { return operations_; }
  const Image& image() const { return image_; }

 private:
  const std::string path_;
  const Inspection inspection_;
  const external::Manifest manifest_;
  const capstan_plugin_t operations_;
  const Image image_;
};

struct LoadOptions {
  // Also load files that users other than root and this process's user can write.
  bool allow_writable = false;
  // First load it in a copy of this process, so that a file that crashes a process crashes only the
  // copy.
  bool trial = true;
  // Time limit of the trial.
  Duration trial_limit = std::chrono::seconds(10);
};

// Errors: those of Inspect, CheckNeeded and Files; kPermissionDenied (writable by others);
// kInvalidArgument and kDeadlineExceeded (loading it crashes or hangs a process, as seen in the
// trial copy); kFailedPrecondition (dlopen failed, no symbol, another ABI major), kInvalidArgument
// (a table that is too short or lacks a required operation, a malformed manifest, a manifest that
// contradicts the note). Each is one sentence that says what to do. The library's constructors run
// here, after they ran in the copy; the manifest is requested with a deadline.
Result<std::shared_ptr<const Plugin>> LoadPlugin(Files& files, const std::string& path, const Seams& seams,
                                                 const LoadOptions& options = {});

// The bytes of a plugin's file, for Inspect. Opens only regular files. Errors: kInvalidArgument,
// kPermissionDenied, those of Files.
Result<std::string> ReadPlugin(Files& files, const std::string& path, const LoadOptions& options = {});

// LoadPlugin for a plugin that is linked into this program.
Result<std::shared_ptr<const Plugin>> AdoptPlugin(const capstan_plugin_t* table, const std::string& name,
                                                  const Seams& seams);

// The table with every slot filled. Errors: those of LoadPlugin; `path` is for messages.
Result<capstan_plugin_t> CompleteTable(const capstan_plugin_t* table, const std::string& path);

}  // namespace capstan::loader
