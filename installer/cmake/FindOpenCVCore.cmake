# OpenCV core and imgproc only: the CMake package of the distribution drags every module and 335 MB of headers with it.
find_path(OpenCVCore_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
find_library(OpenCVCore_core_LIBRARY opencv_core)
find_library(OpenCVCore_imgproc_LIBRARY opencv_imgproc)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCVCore DEFAULT_MSG OpenCVCore_core_LIBRARY OpenCVCore_imgproc_LIBRARY OpenCVCore_INCLUDE_DIR)
if(OpenCVCore_FOUND AND NOT TARGET OpenCV::imgproc)
  add_library(OpenCV::core UNKNOWN IMPORTED)
  set_target_properties(OpenCV::core PROPERTIES IMPORTED_LOCATION "${OpenCVCore_core_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${OpenCVCore_INCLUDE_DIR}" INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${OpenCVCore_INCLUDE_DIR}")
  add_library(OpenCV::imgproc UNKNOWN IMPORTED)
  set_target_properties(OpenCV::imgproc PROPERTIES IMPORTED_LOCATION "${OpenCVCore_imgproc_LIBRARY}" INTERFACE_LINK_LIBRARIES OpenCV::core)
endif()
