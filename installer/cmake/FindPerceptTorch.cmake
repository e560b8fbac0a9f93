# LibTorch as one target Torch::torch, from Debian's package or (PERCEPT_TORCH_ROOT) from the unpacked `torch` wheel.
# The CMake package of Debian asks for the Python interpreter and kineto; the library and two include folders are all we need.
set(PERCEPT_TORCH_ROOT "" CACHE PATH "Unpacked torch wheel (folder with include/ and lib/); empty: the system's LibTorch")
set(_hints)
if(PERCEPT_TORCH_ROOT)
  set(_hints HINTS "${PERCEPT_TORCH_ROOT}" NO_DEFAULT_PATH)
endif()
find_path(PerceptTorch_INCLUDE_DIR torch/script.h ${_hints} PATH_SUFFIXES include)
find_path(PerceptTorch_API_INCLUDE_DIR torch/torch.h ${_hints} PATH_SUFFIXES include/torch/csrc/api/include)
find_library(PerceptTorch_LIBRARY NAMES torch ${_hints} PATH_SUFFIXES lib)
find_library(PerceptTorch_cpu_LIBRARY NAMES torch_cpu ${_hints} PATH_SUFFIXES lib)
find_library(PerceptTorch_c10_LIBRARY NAMES c10 ${_hints} PATH_SUFFIXES lib)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(PerceptTorch DEFAULT_MSG PerceptTorch_cpu_LIBRARY PerceptTorch_c10_LIBRARY
    PerceptTorch_INCLUDE_DIR PerceptTorch_API_INCLUDE_DIR)
if(PerceptTorch_FOUND AND NOT TARGET Torch::torch)
  add_library(Torch::torch UNKNOWN IMPORTED)
  set_target_properties(Torch::torch PROPERTIES IMPORTED_LOCATION "${PerceptTorch_cpu_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${PerceptTorch_INCLUDE_DIR};${PerceptTorch_API_INCLUDE_DIR}"
      INTERFACE_LINK_LIBRARIES "${PerceptTorch_c10_LIBRARY}")
endif()
