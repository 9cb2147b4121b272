// Private to this folder: the certificate and key files that a kubeconfig names, reread as they
// rotate. As thread-safe as `files`, which must outlive it.
#pragma once

#include <string>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/access/tls_material.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::kube {

class TlsFiles {
 public:
  TlsFiles(const ClusterAccess& access, Files& files);
  // Whether there are any: inline contents never change.
  bool any() const;
  // For messages: "/keys/me.crt, /keys/me.key".
  std::string names() const;
  // The current contents of the files; values that come from no file are copied from `last`. An
  // emptied file is an error, not a request to go without. Does not check whether certificate and
  // key match. Errors: kInvalidArgument (empty), those of Files.
  Result<TlsMaterial> Read(const TlsMaterial& last) const;

 private:
  Result<std::string> ReadOne(const std::string& path, bool was_empty) const;
  Files& files_;
  const std::string ca_file_, certificate_file_, key_file_;
};

}  // namespace capstan::kube
