/** The wheel on PyPI with the native TensorFlow for each platform, pinned by hash, whatever the local Python. */

const VERSION = '2.21.0';

/**
 * @typedef {object} Wheel
 * @property {string} package name on PyPI
 * @property {string} version
 * @property {string} python Python version of the wheel; the libraries are the same for all, so one hash is enough
 * @property {string} platform wheel tag
 * @property {string} sha256 of that wheel
 * @property {string[]} libraries inside the wheel's tensorflow folder
 */

const linuxLibraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const macLibraries = ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'];

/** Tested on linux-x64 only. The other entries have the wheels' names and hashes and were not tested. */
const wheels = {
  'linux-x64': {
    package: 'tensorflow-cpu',
    platform: 'manylinux_2_27_x86_64',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    libraries: linuxLibraries,
  },
  'linux-arm64': {
    package: 'tensorflow',
    platform: 'manylinux_2_27_aarch64',
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    libraries: linuxLibraries,
  },
  'darwin-arm64': {
    package: 'tensorflow',
    platform: 'macosx_12_0_arm64',
    sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    libraries: macLibraries,
  },
};

/** @returns {Wheel | undefined} */
export function wheelFor(platform = process.platform, architecture = process.arch) {
  const wheel = wheels[`${platform}-${architecture}`];
  return wheel && { version: VERSION, python: '3.11', ...wheel };
}

/** The requirement that includes CUDA, for machines with an NVIDIA GPU. */
export const gpuRequirement = `tensorflow[and-cuda]==${VERSION}`;

/** Name of a wheel's folder in the shared cache. @param {Wheel} wheel */
export const cacheName = (wheel) => `${wheel.package.replace('-', '_')}-${wheel.version}-${wheel.sha256.slice(0, 8)}`;
